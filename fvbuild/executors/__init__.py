"""Executors that send takes to other machines. A build imports one only if it is asked for.

:class:`~fvbuild.executors.ray_executor.RayExecutor` spreads a build over a Ray cluster. Layers:
``place`` (what is said of a cluster, and what stands in the way of it) imports no Ray; ``cluster``,
``crew`` and ``ray_executor`` run where the build runs; ``door``, ``bench`` and ``shelf`` on the
machines of the cluster; ``parcels`` is what goes between them.
"""
