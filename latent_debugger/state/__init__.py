"""What is: the latent, the bookmarks, the session. QtCore signals and QUndoCommands; no widgets, no torch."""
