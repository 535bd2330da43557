import streamlit as st
from db.tables import Role
from studio.ui import guard
studio, actor = guard.page(Role.VIEWER)
st.title("generate")
