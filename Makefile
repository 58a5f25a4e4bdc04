# Aliases for those who type make; nothing needs it.
.PHONY: demo test run lint

demo: ; @bin/demo $(ARGS)
test: ; @bin/test $(ARGS)
run: ; @bin/run $(ARGS)
lint: ; @.ci/run --lint
