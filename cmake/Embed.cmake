# Writes SYMBOL.h and SYMBOL.cc holding the text of FILES (see tocsin_embed).
file(WRITE ${OUT}/${SYMBOL}.h
"#pragma once
#include <span>
#include <string_view>
#include <utility>

namespace tocsin::embedded {
// Text of the file `name`, empty when there is none.
std::string_view ${SYMBOL}(std::string_view name);
// Every (name, text), in name order.
std::span<const std::pair<std::string_view, std::string_view>> ${SYMBOL}_all();
}  // namespace tocsin::embedded
")
set(arrays "")
set(entries "")
set(i 0)
list(SORT FILES)
foreach(file ${FILES})
  file(RELATIVE_PATH name ${ROOT} ${file})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "constexpr char kFile${i}[] = {${bytes}'\\0'};\n")
  string(APPEND entries "    {\"${name}\", {kFile${i}, sizeof(kFile${i}) - 1}},\n")
  math(EXPR i "${i} + 1")
endforeach()
file(WRITE ${OUT}/${SYMBOL}.cc
"#include \"embedded/${SYMBOL}.h\"

#include <iterator>

namespace tocsin::embedded {
namespace {
${arrays}
// One more than there are files: an array is never empty.
constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
${entries}    {}};
constexpr std::span<const std::pair<std::string_view, std::string_view>> kAll(kFiles, std::size(kFiles) - 1);
}  // namespace

std::string_view ${SYMBOL}(std::string_view name) {
  for (const auto& [file, text] : kAll) {
    if (file == name) return text;
  }
  return {};
}
std::span<const std::pair<std::string_view, std::string_view>> ${SYMBOL}_all() { return kAll; }
}  // namespace tocsin::embedded
")
