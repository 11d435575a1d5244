// Texts people read, held word for word in tests/golden/. TOCSIN_UPDATE_GOLDEN=1 rewrites them, so that a
// person reads a changed text before anybody else does.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace tocsin::alerts::testing {

inline void ExpectGolden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(TOCSIN_SOURCE_DIR) / "tests/golden" / name;
  if (std::getenv("TOCSIN_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << path;
}

}  // namespace tocsin::alerts::testing
