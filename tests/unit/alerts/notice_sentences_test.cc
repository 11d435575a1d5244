// Every sentence that an owner may read stands in a golden file, where a person has read it: the list is the
// catalogue's.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/messages.h"
#include "alerts/notice_samples.h"

namespace tocsin::alerts::testing {
namespace {

// Sentences of other readers and places. A key that begins so is not looked for.
struct Elsewhere {
  std::string_view begins;
  std::string_view why;
};
constexpr Elsewhere kElsewhere[] = {
    {"ticket.", "tickets: tests/golden/tickets"},
    {"severity.", "tickets"},
    {"network.", "tickets: an owner reads the network's name"},
    {"event.login.", "timelines of tickets: a notice has a sentence of its own for what happened (what.)"},
    {"event.transaction", "timelines of tickets"},
    {"event.kind.", "timelines of tickets"},
    {"event.status.", "timelines of tickets: short texts have words of their own (short.status.)"},
    {"event.detail.", "timelines of tickets"},
    {"event.method.", "timelines of tickets"},
    {"event.mfa.", "timelines of tickets"},
    {"event.change.password_reset_requested", "timelines of tickets: nothing is changed by it"},
    {"event.payee", "timelines of tickets: a notice has a line of its own for the payee"},
    {"event.sender", "timelines of tickets"},
    {"event.feedback.", "timelines of tickets"},
    {"event.by.", "timelines of tickets"},
    {"value.limit", "tickets: the name of a limit is the operator's; owners read value.limit.owner"},
    {"reason.user_reported", "tickets; owners read reason.user_reported.owner"},
    {"reason.new_device_refused", "tickets; owners read reason.new_device_refused.owner"},
    {"page.", "the page behind the links: answer_page_test.cc"},
};
// … but these are owners' sentences all the same.
constexpr std::string_view kOwners[] = {"value.limit.owner", "reason.user_reported.owner",
                                        "reason.new_device_refused.owner"};

bool IsElsewhere(std::string_view key) {
  if (std::ranges::find(kOwners, key) != std::end(kOwners)) return false;
  return std::ranges::any_of(kElsewhere, [&](const Elsewhere& row) { return key.starts_with(row.begins); });
}

std::set<std::string> GoldenLines(Locale locale) {
  const auto folder =
      std::filesystem::path(TOCSIN_SOURCE_DIR) / "tests/golden/notices" / std::string(Name(locale));
  std::set<std::string> lines;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) lines.insert(line);
  }
  return lines;
}

// The ways in which a pattern can be said, each as the pieces between its holes: optional parts said and left
// out, each form of a plural.
using Pieces = std::vector<std::string>;

std::vector<Pieces> Join(const std::vector<Pieces>& before, const std::vector<Pieces>& after) {
  std::vector<Pieces> all;
  for (const Pieces& head : before) {
    for (const Pieces& tail : after) {
      Pieces pieces = head;
      pieces.back() += tail.front();
      pieces.insert(pieces.end(), tail.begin() + 1, tail.end());
      all.push_back(std::move(pieces));
    }
  }
  return all;
}

std::vector<Pieces> WaysOf(std::string_view pattern);

// "count, plural, one {# step} other {# steps}" or "name".
std::vector<Pieces> WaysOfHole(std::string_view inside) {
  if (inside.find(", plural,") == std::string_view::npos) return {{"", ""}};
  std::vector<Pieces> ways;
  for (size_t open = inside.find('{'); open != std::string_view::npos; open = inside.find('{', open + 1)) {
    std::string form(inside.substr(open + 1, inside.find('}', open) - open - 1));
    if (const size_t count = form.find('#'); count != std::string::npos) form.replace(count, 1, "{#}");
    for (Pieces& way : WaysOf(form)) ways.push_back(std::move(way));
  }
  return ways;
}

std::vector<Pieces> WaysOf(std::string_view pattern) {
  std::vector<Pieces> ways = {{""}};
  for (size_t i = 0; i < pattern.size();) {
    size_t end = i + 1;
    if (pattern[i] == '[') {
      end = pattern.find(']', i) + 1;
      std::vector<Pieces> part = WaysOf(pattern.substr(i + 1, end - i - 2));
      part.push_back({""});
      ways = Join(ways, part);
    } else if (pattern[i] == '{') {
      int depth = 1;
      for (; depth > 0; ++end) depth += pattern[end] == '{' ? 1 : pattern[end] == '}' ? -1 : 0;
      ways = Join(ways, WaysOfHole(pattern.substr(i + 1, end - i - 2)));
    } else {
      end = std::min(pattern.find_first_of("[{", i), pattern.size());
      ways = Join(ways, {{std::string(pattern.substr(i, end - i))}});
    }
    i = end;
  }
  return ways;
}

bool Says(const std::string& line, const Pieces& pieces) {
  size_t at = 0;
  for (const std::string& piece : pieces) {
    const size_t found = line.find(piece, at);
    if (found == std::string::npos) return false;
    at = found + piece.size();
  }
  return true;
}

class NoticeSentencesTest : public ::testing::TestWithParam<Locale> {};

TEST_P(NoticeSentencesTest, EachStandsInAGoldenFile) {
  const std::set<std::string> lines = GoldenLines(GetParam());
  for (const std::string_view key : Messages::Instance().Keys()) {
    if (IsElsewhere(key)) continue;
    const std::vector<Pieces> ways = WaysOf(Messages::Instance().Pattern(GetParam(), key));
    const bool said = std::ranges::any_of(lines, [&](const std::string& line) {
      return std::ranges::any_of(ways, [&](const Pieces& way) { return Says(line, way); });
    });
    EXPECT_TRUE(said) << key << " is in no file of tests/golden/notices/" << Name(GetParam())
                      << ": give it a sample in alerts/notice_samples.cc and read what it says";
  }
}

INSTANTIATE_TEST_SUITE_P(All, NoticeSentencesTest, ::testing::ValuesIn(kLocales),
                         [](const auto& tested) { return tested.param == Locale::kEn ? "en" : "zh"; });

TEST(NoticeSentencesTest, WhatIsElsewhereIsInTheCatalogue) {
  const std::vector<std::string_view> keys = Messages::Instance().Keys();
  for (const Elsewhere& row : kElsewhere) {
    EXPECT_TRUE(std::ranges::any_of(keys, [&](std::string_view key) { return key.starts_with(row.begins); }))
        << row.begins << " (" << row.why << ")";
  }
}

TEST(NoticeSentencesTest, EachReasonHasASample) {
  for (const std::string_view key : Messages::Instance().Keys()) {
    if (key.starts_with("reason.") && !key.ends_with(".owner")) {
      EXPECT_NE(FindSample(key), nullptr) << key;
    }
  }
}

// What is new to an account was used: no finding tells of an attempt with a reason that says so.
TEST(NoticeSentencesTest, WhatIsNewOrRefusedWasUsedInEachSample) {
  for (const NoticeSample& sample : NoticeSamples()) {
    for (const NoticeFacts::Reason& reason : sample.facts.reasons) {
      if (TemplateOf(reason.code, schemas::Family::kDevice) != NoticeTemplate::kLoginNew) continue;
      EXPECT_NE(sample.facts.what.outcome, schemas::LoginOutcome::kFailure) << sample.name;
    }
  }
  for (const char* const name : {"login_suspicious.refused", "reason.new_device_refused"}) {
    const NoticeSample* const sample = FindSample(name);
    ASSERT_NE(sample, nullptr) << name;
    EXPECT_EQ(sample->form, NoticeTemplate::kLoginSuspicious) << "it is grave";
    EXPECT_EQ(sample->facts.what.type, schemas::EventType::kLogin) << name;
    EXPECT_EQ(sample->facts.what.outcome, schemas::LoginOutcome::kSuccess) << name;
    EXPECT_EQ(sample->facts.reasons.at(0).code, "new_device_refused") << name;
  }
}

TEST(NoticeSentencesTest, EachSampleHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const NoticeSample& sample : NoticeSamples())
    EXPECT_TRUE(names.insert(sample.name).second) << sample.name;
}

}  // namespace
}  // namespace tocsin::alerts::testing
