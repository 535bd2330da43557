"""The tables, one class for each word of the product (Product, Brief, Asset, Decision, Score, ModelVersion, Job …).

Times are UTC. Enumerations are stored as their text. An index stands for every filter that a page offers.
"""

from db.tables.base import Base, UtcDateTime, utc_now
from db.tables.catalogue import Photo, Product
from db.tables.exports import Channel, Export, ExportItem
from db.tables.images import Asset, Brief, Score
from db.tables.jobs import Job, JobEvent, WorkerHeartbeat
from db.tables.models import Evaluation, ModelAlias, ModelVersion
from db.tables.people import SignInLink, TeamSetting, User, UserSession
from db.tables.review import Decision
from db.tables.words import AssetState, JobState, LicenceState, LinkKind, Purpose, Role

__all__ = [
    "Asset",
    "AssetState",
    "Base",
    "Brief",
    "Channel",
    "Decision",
    "Evaluation",
    "Export",
    "ExportItem",
    "Job",
    "JobEvent",
    "JobState",
    "LicenceState",
    "LinkKind",
    "ModelAlias",
    "ModelVersion",
    "Photo",
    "Product",
    "Purpose",
    "Role",
    "Score",
    "SignInLink",
    "TeamSetting",
    "User",
    "UserSession",
    "UtcDateTime",
    "WorkerHeartbeat",
    "utc_now",
]
