"""Charts of a run, and of a path. Only :mod:`~latent_debugger.views.charts.chart` and
:mod:`~latent_debugger.views.charts.speed_chart` import pyqtgraph, and nobody imports them before a chart is really
shown: it takes a third of a second."""
