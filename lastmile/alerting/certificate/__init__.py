"""The certificate that signs our CAP messages, in the console: its state, a request for another, what came back."""
