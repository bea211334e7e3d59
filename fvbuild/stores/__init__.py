"""Shared stores: object stores, HTTP caches in Bazel's layout, WebDAV and folders."""
