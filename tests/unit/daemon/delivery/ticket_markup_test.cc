// Tickets in other markups than their own. What strangers wrote stays text in each.
#include "daemon/delivery/ticket_markup.h"

#include <gtest/gtest.h>

#include "alerts/ticket_text.h"

namespace tocsin::daemon {
namespace {

constexpr std::string_view kTicket = R"(What is new is marked ●.

## Case

- **Account**: acct-1
- **Risk**: 0.941

| Time | Finding |
|---|---|
| 12:00 | New device. (`new_device`) |
|  | a\|b |

⚑ marks events.
Local time is UTC.

---

```json
{"a":"<b>","c":"{noformat}"}
```
)";

TEST(TicketMarkupTest, AsHtml) {
  EXPECT_EQ(HtmlOf(kTicket), R"(<p>What is new is marked ●.</p>
<h3>Case</h3>
<ul>
<li><strong>Account</strong>: acct-1</li>
<li><strong>Risk</strong>: 0.941</li>
</ul>
<table border="1" cellspacing="0" cellpadding="3">
<tr><th>Time</th><th>Finding</th></tr>
<tr><td>12:00</td><td>New device. (<code>new_device</code>)</td></tr>
<tr><td></td><td>a|b</td></tr>
</table>
<p>⚑ marks events.<br>
Local time is UTC.</p>
<hr>
<pre>{&quot;a&quot;:&quot;&lt;b&gt;&quot;,&quot;c&quot;:&quot;{noformat}&quot;}</pre>
)");
}

TEST(TicketMarkupTest, AsJirasWikiMarkup) {
  EXPECT_EQ(JiraMarkupOf(kTicket), R"(What is new is marked ●.

h3. Case

* *Account*\: acct-1
* *Risk*\: 0.941

|| Time || Finding ||
| 12:00 | New device. \({{new\_device}}\) |
|  | a\|b |

⚑ marks events.
Local time is UTC.

----

{noformat}{"a":"<b>","c":"\u007bnoformat}"}{noformat}
)");
}

// As an account, a payee or a device is named by whoever wants an agent to press something.
struct Hostile {
  const char* name;
  const char* text;
  const char* html;
  const char* jira;
};
class HostileTextTest : public testing::TestWithParam<Hostile> {};
TEST_P(HostileTextTest, StaysText) {
  const std::string escaped = alerts::EscapeMarkdown(GetParam().text);
  for (const std::string& around : {"- **Account**: " + escaped + "\n", "| x | " + escaped + " |\n"}) {
    EXPECT_NE(HtmlOf(around).find(GetParam().html), std::string::npos) << HtmlOf(around);
    EXPECT_NE(JiraMarkupOf(around).find(GetParam().jira), std::string::npos) << JiraMarkupOf(around);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Texts, HostileTextTest,
    testing::Values(Hostile{"Script", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
                            R"(<script>alert\(1\)</script>)"},
                    Hostile{"Attribute", "\" onload=\"x", "&quot; onload=&quot;x", "\" onload=\"x"},
                    Hostile{"Entity", "&lt;b&gt;&#60;", "&amp;lt;b&amp;gt;&amp;#60;",
                            R"(&amp;lt\;b&amp;gt\;&amp;\#60\;)"},
                    Hostile{"Link", "[pay](http://a.example)", "[pay](http://a.example)",
                            R"(\[pay\]\(http\://a.example\))"},
                    Hostile{"JiraLink", "[pay|http://a.example]", "[pay|http://a.example]",
                            R"(\[pay\|http\://a.example\])"},
                    Hostile{"Mention", "[~admin] @admin", "[~admin] @admin", R"(\[\~admin\] \@admin)"},
                    Hostile{"Image", "!http://a.example/x.png!", "!http://a.example/x.png!",
                            R"(\!http\://a.example/x.png\!)"},
                    Hostile{"Macro", "{html}<b>{html}", "{html}&lt;b&gt;{html}", R"(\{html\}<b>\{html\})"},
                    Hostile{"Bold", "**P4** *ok*", "**P4** *ok*", R"(\*\*P4\*\* \*ok\*)"},
                    Hostile{"Code", "`x`", "`x`", "`x`"},
                    Hostile{"Cell", "a | done |", "a | done |", R"(a \| done \|)"},
                    Hostile{"BackSlash", R"(a\| b\\)", R"(a\| b\\)", R"(a&#92;\| b&#92;&#92;)"},
                    Hostile{"NewLine", "x\n## Please release", "x ## Please release",
                            R"(x \#\# Please release)"},
                    Hostile{"Heading", "h1. Release", "h1. Release", R"(h1\. Release)"},
                    Hostile{"Strike", "-gone- a-b", "-gone- a-b", R"(\-gone\- a-b)"},
                    Hostile{"Emoticon", ":) (!)", ":) (!)", R"(\:\) \(\!\))"}),
    [](const auto& tested) { return tested.param.name; });

// The block for machines ends where it is meant to, whatever a text in it says.
TEST(TicketMarkupTest, NothingEndsTheCodeBlock) {
  const std::string hostile = "```json\n{\"reason\":\"{noformat}{code}{html}</pre>\"}\n```\n";
  EXPECT_EQ(JiraMarkupOf(hostile),
            "{noformat}{\"reason\":\"\\u007bnoformat}\\u007bcode}\\u007bhtml}</pre>\"}{noformat}\n");
  EXPECT_EQ(HtmlOf(hostile),
            "<pre>{&quot;reason&quot;:&quot;{noformat}{code}{html}&lt;/pre&gt;&quot;}</pre>\n");
}

TEST(TicketMarkupTest, WhatDoesNotEndIsText) {
  EXPECT_EQ(HtmlOf("a ** b ` c"), "<p>a ** b ` c</p>\n");
  EXPECT_EQ(HtmlOf("a \\"), "<p>a \\</p>\n");
  EXPECT_EQ(HtmlOf("```\nx"), "<pre>x</pre>\n");
  EXPECT_EQ(HtmlOf("|"), "<table border=\"1\" cellspacing=\"0\" cellpadding=\"3\">\n</table>\n");
  EXPECT_EQ(HtmlOf(""), "");
}

}  // namespace
}  // namespace tocsin::daemon
