"""What you see: widgets with setters in and semantic signals out. They know the state, never the services."""
