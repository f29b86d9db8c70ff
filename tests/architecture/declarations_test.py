#!/usr/bin/env python3
"""Feeds declarations.py the ways to declare something in C++, and what only looks like it."""

import unittest

from declarations import read_declarations


class DeclarationsTest(unittest.TestCase):
    def assert_read(self, text, *expected):
        """`expected`: "kind name" for others, "internal kind name" for what no other file can mean."""
        found = [f"{'internal ' if one.internal else ''}{one.kind} {'::'.join(one.name)}"
                 for one in read_declarations(text)]
        self.assertEqual(found, list(expected), text)

    def test_types(self):
        self.assert_read("class A { int x; };", "type A")
        self.assert_read("class A final : public B<int>, C { void f() {} };", "type A")
        self.assert_read("struct alignas(64) A {};", "type A")
        self.assert_read("struct [[nodiscard]] A {};", "type A")
        self.assert_read("union A { int i; };", "type A")
        self.assert_read("enum class A : std::uint8_t { kOne, kTwo = 2 };", "type A")
        self.assert_read("enum A { kOne };", "type A")
        self.assert_read("enum { kOne };")
        self.assert_read("template <typename T, int N = 3> class A : B<T> {};", "type A")
        self.assert_read("struct A::Inner { int x; };", "type A::Inner")
        self.assert_read("class A;\nenum class B : int;", "forward A", "forward B")

    def test_nested_types_are_those_of_their_class(self):
        self.assert_read("class A { struct B {}; enum C { kOne }; using D = int; };", "type A")
        self.assert_read("void f() { struct A {}; }", "function f")

    def test_aliases(self):
        self.assert_read("using A = std::map<int, int>;", "alias A")
        self.assert_read("template <typename T> using A = std::vector<T>;", "alias A")
        self.assert_read("using std::vector; using namespace std; using enum A::B; namespace a = b;")

    def test_functions(self):
        self.assert_read("int f();", "function f")
        self.assert_read("int f() { if (x) { g(); } return 1; }\nint h();", "function f", "function h")
        self.assert_read("std::map<std::string, A<int>> f(std::function<void()> g = [] { h(); });",
                         "function f")
        self.assert_read("[[nodiscard]] const A& f(int) noexcept { return a; }", "function f")
        self.assert_read("auto f(int x) -> std::vector<int> { return {x}; }", "function f")
        self.assert_read("template <typename T> T f(T x) { return x < 1 ? x : -x; }", "function f")
        self.assert_read("struct stat f() { return {}; }", "function f")
        self.assert_read("decltype(A::b) f();", "function f")
        self.assert_read("static int f() { return 1; }", "internal function f")

    def test_members(self):
        self.assert_read("int A::f() const { return x_; }", "function A::f")
        self.assert_read("template <typename T> void A<T>::f() {}", "function A::f")
        self.assert_read("A::B A::f() { return {}; }", "function A::f")
        self.assert_read("A::~A() = default;", "function A::A")
        self.assert_read("A::A(int x) : B<int>(x), y_{x}, z_(x) { f(); }\nint g();",
                         "function A::A", "function g")
        self.assert_read("A::A() : x_{1} {}\nint g();", "function A::A", "function g")
        self.assert_read("dovetail::A* dovetail::f() { return nullptr; }", "function dovetail::f")

    def test_operators(self):
        self.assert_read("bool operator==(A a, A b) { return true; }", "function operator==")
        self.assert_read("std::ostream& operator<<(std::ostream& out, A a);", "function operator<<")
        self.assert_read("bool operator<(A a, A b) { return true; }", "function operator<")
        self.assert_read("int A::operator()(int x) const { return x; }", "function A::operator()")
        self.assert_read("int& A::operator[](int x) { return x; }", "function A::operator[]")
        self.assert_read("A& A::operator=(A&&) = default;", "function A::operator=")
        self.assert_read("A::operator bool() const { return true; }", "function A::operator bool")

    def test_variables(self):
        self.assert_read("int a = 1;", "variable a")
        self.assert_read("std::array<int, 2> a{1, 2};", "variable a")
        self.assert_read("int a[3] = {1, 2, 3};", "variable a")
        self.assert_read("A A::b;", "variable A::b")
        self.assert_read("const char* a = \"text\";", "variable a")
        self.assert_read("const char* const a = \"text\";", "internal variable a")
        self.assert_read("const A a{1};", "internal variable a")
        self.assert_read("constexpr auto a = [](int x) { return x < 2; };", "internal variable a")
        self.assert_read("static bool a = false;", "internal variable a")
        self.assert_read("extern const A a;", "extern a")

    def test_namespaces(self):
        text = ("namespace a { int f(); namespace { int g(); } int h(); }\n"
                "namespace b::c { int i(); }\n"
                "inline namespace d { int j(); }\n"
                'extern "C" { int k(); }\n'
                'extern "C" int l() { return 1; }\n')
        self.assertEqual([(*one.name, one.scope, one.internal) for one in read_declarations(text)],
                         [("f", ("a",), False), ("g", ("a", ""), True), ("h", ("a",), False),
                          ("i", ("b", "c"), False), ("j", ("d",), False), ("k", (), False),
                          ("l", (), False)])

    def test_what_is_no_declaration(self):
        self.assert_read("template class A<int>; extern template class A<int>;")
        self.assert_read("template void A::f(std::span<const int>);")
        self.assert_read('static_assert(sizeof(int) == 4, "struct A {};");')
        self.assert_read(";")

    def test_comments_strings_and_preprocessor_lines_are_not_read(self):
        for noise in ["// struct A {};", "/* struct A {\n */", "#define A struct A {", "#if 1 // {",
                      "#define A \\\n  struct A {", 'const auto a = "struct A { \\" {";',
                      "constexpr char a = '{';", "constexpr char a = '\\'';",
                      'constexpr auto a = R"(" struct A { ")";',
                      'constexpr auto a = R"sql(")" struct A { ")sql";', "constexpr int a = 1'000;"]:
            text = f"{noise}\nstruct B {{}};\nconstexpr char a = '\"';\n"
            found = [one.name for one in read_declarations(text)]
            self.assertEqual([name for name in found if name != ("a",)], [("B",)], noise)

    def test_lines(self):
        text = "\n/*\n*/ int f() {\n}\nstruct\nA {};"
        self.assertEqual([one.line for one in read_declarations(text)], [3, 6])


if __name__ == "__main__":
    unittest.main()
