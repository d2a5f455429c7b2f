"""Other people's generators: read as data, recognised, and built anew. Nothing in a file is ever executed.

    containers, zips, unpickle, builders, tree, onnx_graph   bytes -> names, shapes and places of weights; no PyTorch
    helper, process, parsed                                  the above in a process of its own
    arrays                                                   places -> numbers
    recognise, families/                                     names and shapes -> a generator; one file per project
    chain, selfcheck, opening                                the generator as a PyTorch module, checked

A new family is a file in ``families`` and a line in its ``__init__``.
"""
