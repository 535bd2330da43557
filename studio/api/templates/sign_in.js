// The token stands behind # and so never reached the server with the address. Take it out of the address bar, too.
const slot = `token of ${location.pathname}`;
const token = location.hash.slice(1) || sessionStorage.getItem(slot) || "";
history.replaceState(null, "", location.pathname);
sessionStorage.setItem(slot, token); // a refused password shows this page again
document.getElementById("token").value = token;
document.getElementById("go").disabled = !token;
document.getElementById("incomplete").hidden = Boolean(token);
