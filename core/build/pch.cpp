// Empty on purpose: this file only carries the precompiled header that all targets share.
