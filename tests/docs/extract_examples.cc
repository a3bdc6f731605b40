// Turns the examples of a page or a header into a test that runs them.
//
//   extract_examples INPUT NAME PRELUDE OUTPUT
//
// In a page (.md) an example is a block fenced by ```cpp. One with a main is a
// program of its own; it must return 0. In a header it is an indented block of
// the comment at its top, and all of them stand one after the other in one
// function, after PRELUDE, which declares what they speak of. A block without
// a semicolon is not code but output.

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Block {
  int line = 0;  // Of its first line.
  std::vector<std::string> lines;

  std::string Text() const {
    std::string text;
    for (const std::string& line_text : lines) text += line_text + "\n";
    return text;
  }
};

std::vector<Block> PageBlocks(std::istream& file) {
  std::vector<Block> blocks;
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside && line == "```cpp";
      if (inside) blocks.push_back({.line = number + 1, .lines = {}});
    } else if (inside) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::vector<Block> HeaderBlocks(std::istream& file) {
  constexpr std::string_view kIndent = "//   ";
  std::vector<Block> blocks;
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!line.starts_with("//")) break;
    if (line.starts_with(kIndent)) {
      if (!inside) blocks.push_back({.line = number, .lines = {}});
      blocks.back().lines.push_back(line.substr(kIndent.size()));
      inside = true;
    } else {
      // An empty comment line may part two halves of an example.
      inside = inside && line == "//";
      if (inside) blocks.back().lines.emplace_back();
    }
  }
  std::erase_if(blocks, [](const Block& block) {
    return block.Text().find(';') == std::string::npos;
  });
  return blocks;
}

// Takes the #include lines out of `block`, leaving empty ones.
std::string TakeIncludes(Block* block) {
  std::string includes;
  for (std::string& line : block->lines) {
    if (!line.starts_with("#include")) continue;
    includes += line + "\n";
    line.clear();
  }
  return includes;
}

std::string LineDirective(int line, const std::string& file) {
  return "#line " + std::to_string(line) + " \"" + file + "\"\n";
}

std::string HeaderTest(const std::vector<Block>& blocks,
                       const std::string& input, const std::string& name,
                       const std::string& prelude) {
  std::string out = "TEST_F(ExampleTest, " + name + ") {\n";
  if (!prelude.empty()) out += LineDirective(1, "prelude") + prelude;
  for (const Block& block : blocks) {
    out += LineDirective(block.line, input) + block.Text();
  }
  return out + "}\n";
}

std::string PageTests(std::vector<Block> blocks, const std::string& input,
                      const std::string& name) {
  std::string includes;
  std::string out;
  for (Block& block : blocks) {
    includes += TakeIncludes(&block);
    const std::string number = std::to_string(block.line);
    std::string text = block.Text();
    constexpr std::string_view kMain = "int main() {";
    const size_t at = text.find(kMain);
    if (at == std::string::npos) {
      out += "TEST_F(ExampleTest, " + name + "Line" + number + ") {\n" +
             LineDirective(block.line, input) + text + "}\n";
      continue;
    }
    // Only a main may end without a return.
    text.insert(text.rfind('}'), "  return 0;\n");
    text.replace(at, kMain.size(), "int Main" + number + "() {");
    out += LineDirective(block.line, input) + text;
    out += "TEST_F(ExampleTest, " + name + "Line" + number +
           ") { EXPECT_EQ(Main" + number + "(), 0); }\n";
  }
  return includes + "namespace {\n" + out + "}  // namespace\n";
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: extract_examples INPUT NAME PRELUDE OUTPUT\n";
    return 3;
  }
  const std::string input = argv[1];
  const std::string name = argv[2];
  std::ifstream file(input);
  std::string tests;
  if (input.ends_with(".md")) {
    tests = PageTests(PageBlocks(file), input, name);
  } else {
    const std::vector<Block> blocks = HeaderBlocks(file);
    if (!blocks.empty()) {
      tests = "namespace tocsin {\nnamespace {\n" +
              HeaderTest(blocks, input, name, ReadFile(argv[3])) +
              "}  // namespace\n}  // namespace tocsin\n";
    }
  }
  std::ofstream(argv[4]) << "#include \"tests/docs/example.h\"\n" << tests;
  return 0;
}
