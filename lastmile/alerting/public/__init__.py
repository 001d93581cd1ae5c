"""The public site under /w/: pages for everybody, without log-in, cookie or script. See docs/channels/web.md."""
