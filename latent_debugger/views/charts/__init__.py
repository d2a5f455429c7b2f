"""Charts of a run. Only :mod:`~latent_debugger.views.charts.chart` imports pyqtgraph, and nobody imports it before a
chart is really shown: it takes a third of a second."""
