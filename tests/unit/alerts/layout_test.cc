#include "alerts/layout.h"

#include <gtest/gtest.h>

namespace tocsin::alerts {
namespace {

struct Filled {
  const char* name;
  const char* source;
  const char* expected;
};
class LayoutTest : public testing::TestWithParam<Filled> {};

TEST_P(LayoutTest, IsFilled) {
  LayoutValues values;
  values.Set("word", std::string("a<b>&\"c'{{word}}"));
  values.Set("empty", std::string());
  values.Set("yes", true);
  values.Set("no", false);
  values.Set("none", std::vector<LayoutValues::Entry>());
  values.Set("two", {{{"text", "one"}, {"word", "inner"}}, {{"text", "two"}, {"word", "&"}}});
  std::string out;
  Layout(GetParam().source, Layout::Form::kPage).Fill(values, out);
  EXPECT_EQ(out, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, LayoutTest,
    testing::Values(
        Filled{"Nothing", "", ""}, Filled{"TextAlone", "a { b } c\n", "a { b } c\n"},
        Filled{"ValueIsEscaped", "<{{word}}>", "<a&lt;b&gt;&amp;&quot;c&#39;{{word}}>"},
        Filled{"EmptyValueKeepsItsLine", "a\n{{empty}}\nb", "a\n\nb"},
        Filled{"SectionTakesItsLines", "a\n{{#yes}}\nb\n{{/yes}}\nc\n", "a\nb\nc\n"},
        Filled{"SectionLeftOut", "a\n{{#no}}\nb {{unknown}}\n{{/no}}\nc", "a\n\nc"},
        Filled{"Unless", "{{^no}}a{{/no}}{{^yes}}b{{/yes}}{{^none}}c{{/none}}{{^two}}d{{/two}}", "ac"},
        Filled{"EndsWithSection", "a\n{{#yes}}\nb\n{{/yes}}", "a\nb\n"},
        Filled{"EntriesOfList", "{{#two}}\n- {{text}}\n{{/two}}\n", "- one\n- two\n"},
        Filled{"EntryHidesTheOuterValue", "{{#two}}{{word}} {{/two}}{{#none}}{{word}}{{/none}}",
               "inner &amp; "},
        Filled{"SectionInEntry", "{{#two}}{{#yes}}{{text}},{{/yes}}{{/two}}", "one,two,"},
        Filled{"ListInSection", "{{#yes}}\n{{#two}}\n{{text}}\n{{/two}}\n{{/yes}}\n.", "one\ntwo\n."}),
    [](const auto& tested) { return tested.param.name; });

TEST(LayoutTest, TextIsNotEscaped) {
  LayoutValues values;
  values.Set("word", std::string("a<b>&"));
  std::string out = "kept ";
  Layout("{{word}}", Layout::Form::kText).Fill(values, out);
  EXPECT_EQ(out, "kept a<b>&");
}

TEST(LayoutDeathTest, HoleIsAnError) {
  std::string out;
  EXPECT_DEATH(Layout("{{missing}}", Layout::Form::kText).Fill({}, out), "");
  EXPECT_DEATH(Layout("{{#open}}", Layout::Form::kText), "");
  EXPECT_DEATH(Layout("{{#a}}{{/b}}", Layout::Form::kText), "");
}

}  // namespace
}  // namespace tocsin::alerts
