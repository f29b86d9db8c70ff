// Only here to compile the headers that all tests share: see CMakeLists.txt.
