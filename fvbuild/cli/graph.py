"""Print the graph: every node, and what it is made from."""

from __future__ import annotations

import argparse

from fvbuild.cli import options
from fvbuild.cli.console import Console
from fvbuild.cli.opening import open_project
from fvbuild.errors import Exit

EXAMPLES = (
    "fvbuild graph",
    "fvbuild graph pier                # a scene, and all it needs",
    "fvbuild graph --format dot | dot -Tsvg > graph.svg",
    "fvbuild graph --format mermaid",
    "fvbuild graph --json | jq '.nodes[].node'",
)

_FORMATS = ("text", "dot", "mermaid", "json")


def arguments(parser: argparse.ArgumentParser) -> None:
    """GOAL... and the format."""
    options.goals_argument(parser)
    options.film_options(parser)
    parser.add_argument(
        "--format", choices=_FORMATS, default="text", help="default: text; --json is short for json"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Print it."""
    project = open_project(args, console)
    graph = project.graph
    if args.goals:
        nodes = [graph[node] for node in graph.closure(project.goal_nodes(args.goals))]
    else:
        nodes = list(graph)
    match "json" if args.json else args.format:
        case "json":
            from fvbuild.report.graph_files import graph_json

            console.out(graph_json(project.title, project.profile, nodes, graph.outputs))
        case "dot":
            from fvbuild.report.graph_files import graph_dot

            console.out(graph_dot(project.title, nodes))
        case "mermaid":
            from fvbuild.report.graph_files import graph_mermaid

            console.out(graph_mermaid(nodes))
        case _:
            from fvbuild.report.graph_text import graph_text

            console.out(graph_text(project.title, nodes, console.style))
    return Exit.DONE
