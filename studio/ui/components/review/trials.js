// "Try again with this changed": a rejected image is made anew, with what its reason suggests changed.



export class Trials {
  constructor(dialog, app) {
    this.dialog = dialog;
    this.app = app;
    dialog.addEventListener("close", () => app.refocus());
  }
}
