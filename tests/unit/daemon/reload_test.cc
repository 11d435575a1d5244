// A new configuration under a running daemon: what differs is named, what can be taken over is, the rest
// waits, and a bad file changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "daemon/cli/reload_text.h"
#include "daemon/config/difference.h"
#include "daemon/config/key.h"
#include "daemon/config/load_config.h"
#include "daemon/config/print_config.h"
#include "daemon/config/rules_hash.h"
#include "daemon/service/log_line.h"
#include "daemon/service/reloader.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Config ConfigOf(std::string_view yaml, const std::string& directory = ".") {
  LoadedConfig loaded = ParseConfig(yaml, directory);
  EXPECT_TRUE(loaded.valid()) << yaml;
  return std::move(loaded.config);
}

std::vector<std::string> Names(const std::vector<ChangedKey>& changed) {
  std::vector<std::string> names;
  for (const ChangedKey& one : changed) names.push_back((one.live ? "live " : "restart ") + one.key);
  return names;
}

TEST(DifferenceTest, NamesKeysAndWhetherTheyWait) {
  const Config was = ConfigOf("");
  const Config is = ConfigOf(
      "engine: {commit_events: 5}\n"
      "findings: {format: ocsf}\n"
      "detectors: {new_device: {mode: shadow}}\n"
      "support: {phone: '+65 1'}\n"
      "limits: [{name: daily, direction: out, window: day, max: CNY 5.00}]\n"
      "answers: {ttl: 2h}\n");
  EXPECT_THAT(Names(Difference(was, is)),
              testing::UnorderedElementsAre("restart engine.commit_events", "restart findings.format",
                                            "live detectors.new_device.mode", "live support.phone",
                                            "live limits", "restart answers.ttl"));
  EXPECT_THAT(Difference(is, is), IsEmpty());
}

TEST(DifferenceTest, OfASecretOnlyThatItChanged) {
  const TempDirectory directory;
  std::ofstream(directory / "a") << "hunter2";
  std::ofstream(directory / "b") << "hunter3";
  const auto with = [&](const char* file) {
    return ConfigOf(std::string("http: {admin_token: {file: ") + file + "}}", directory.path());
  };
  const std::vector<ChangedKey> changed = Difference(with("a"), with("b"));
  ASSERT_THAT(Names(changed), ElementsAre("restart http.admin_token"));
  EXPECT_EQ(changed[0].was + changed[0].is, "");
  EXPECT_THAT(ConfigYaml(with("a")), Not(HasSubstr("hunter")));
}

// Chat services put the secret of a webhook into its path.
TEST(DifferenceTest, OfAWebhooksUrlOnlyItsHostIsPrinted) {
  const TempDirectory directory;
  std::ofstream(directory / "key") << "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
  const auto with = [&](const std::string& url) {
    return ConfigOf("delivery: {webhooks: [{name: app, url: '" + url + "', keys: [{file: key}]}]}",
                    directory.path());
  };
  const Config was = with("https://hooks.example.com/T0/HUNTER2?key=HUNTER3");
  EXPECT_THAT(ConfigYaml(was), HasSubstr("https://hooks.example.com/…"));
  EXPECT_THAT(ConfigYaml(was), Not(HasSubstr("HUNTER")));
  const std::vector<ChangedKey> path = Difference(was, with("https://hooks.example.com/T0/HUNTER4"));
  ASSERT_THAT(Names(path), ElementsAre("restart delivery.webhooks"));
  EXPECT_EQ(path[0].was + path[0].is, "");
  const std::vector<ChangedKey> host = Difference(was, with("https://other.example.com/HUNTER2"));
  ASSERT_THAT(Names(host), ElementsAre("restart delivery.webhooks"));
  EXPECT_THAT(host[0].was + host[0].is, Not(HasSubstr("HUNTER")));
  EXPECT_THAT(Difference(was, was), IsEmpty());
}

// Refused, and what is refused is printed nowhere: the support bundle is written of invalid files too.
TEST(DifferenceTest, ALoginInAUrlIsRefusedAndNotPrinted) {
  for (const char* yaml : {"delivery: {tickets: {url: 'https://agent:hunter2@z.example.com'}}",
                           "delivery: {mail: {url: 'smtp://agent:hunter2@mail.example.com'}}",
                           "delivery: {webhooks: [{name: app, url: 'https://a:hunter2@h.example.com/x'}]}",
                           "delivery: {webhooks: [{name: app, ulr: 'https://a:hunter2@h.example.com'}]}",
                           "kafka: {security: {token_url: 'https://a:hunter2@sso.example.com/token'}}",
                           "answers: {base_url: 'https://a:hunter2@security.example.com'}"}) {
    const LoadedConfig loaded = ParseConfig(yaml, ".");
    EXPECT_FALSE(loaded.valid()) << yaml;
    EXPECT_THAT(ConfigYaml(loaded.config), Not(HasSubstr("hunter"))) << yaml;
    std::string told;
    for (const ConfigProblem& problem : loaded.problems) told += problem.Sentence() + "\n";
    EXPECT_THAT(told, Not(HasSubstr("hunter"))) << yaml;
    EXPECT_THAT(told, testing::AnyOf(HasSubstr("no user and no password"), HasSubstr("ulr"))) << yaml;
  }
}

TEST(DifferenceTest, WhatIsTakenOverIsExactlyWhatSaysSo) {
  // Each key that says "live" belongs to the rules, which are taken over as a whole.
  for (const Key& key : Keys()) {
    EXPECT_EQ(key.reload == Reload::kLive, AppliesLive(key.path)) << key.path;
  }
  const Config running = ConfigOf("answers: {ttl: 2h}\n");
  const Config fresh = ConfigOf(
      "answers: {ttl: 3h}\nengine: {commit_events: 5}\ndetectors: {new_device: {mode: shadow}}\n"
      "limits: [{name: daily, direction: out, window: day, max: CNY 5.00}]\n");
  const Config taken = TakenOver(running, fresh);
  EXPECT_THAT(Names(Difference(taken, fresh)),
              testing::UnorderedElementsAre("restart answers.ttl", "restart engine.commit_events"));
  EXPECT_THAT(Names(Difference(running, taken)),
              testing::UnorderedElementsAre("live detectors.new_device.mode", "live limits"));
  EXPECT_NE(taken.rules_hash, running.rules_hash);
  EXPECT_NE(taken.rules_hash, fresh.rules_hash);  // The links' lifetime decides what notices say.
  EXPECT_EQ(TakenOver(taken, running).rules_hash, running.rules_hash);
}

TEST(DifferenceTest, TheConfigurationPrintedIsTheConfiguration) {
  const Config config = ConfigOf(
      "engine: {commit_events: 5}\ndetectors: {new_device: {mode: shadow}}\n"
      "limits: [{name: daily, direction: out, window: day, max: 'CNY 5.00'}]\n"
      "policy: [{family: money, severity_min: high, ticket: none, actions: [hold_transaction]}]\n"
      "support: {calendar: {always_open: false, timezone: Asia/Shanghai, monday: 09:00-18:00}}\n");
  const Config again = ConfigOf(ConfigYaml(config));
  EXPECT_EQ(again.rules_hash, config.rules_hash);
  EXPECT_THAT(Names(Difference(config, again)),
              testing::Each(HasSubstr("policy")));  // Another order of quotes at most.
}

TEST(RenamedKeysTest, AreReadWithAWarning) {
  const std::vector<RenamedKey> renamed = {{"engine.batch.events", "engine.commit_events"},
                                           {"geodata", "geoip"}};
  const LoadedConfig loaded = ParseConfig("engine: {batch: {events: 7}}\n", ".", renamed);
  EXPECT_TRUE(loaded.valid());
  EXPECT_EQ(loaded.config.engine.commit_events, 7);
  std::vector<std::string> told;
  for (const ConfigProblem& problem : loaded.problems) told.push_back(problem.key + " " + problem.text);
  EXPECT_THAT(told, testing::Contains("engine.batch.events is called engine.commit_events now: write that"));
  EXPECT_EQ(ParseConfig("geodata: {city: [a.mmdb]}\n", "/x", renamed).config.databases.city.size(), 1U);
  EXPECT_FALSE(ParseConfig("engine: {batch: {events: 7}, commit_events: 8}\n", ".", renamed).valid());
  EXPECT_FALSE(ParseConfig("engine: {batch: {events: 7}}\n", ".").valid());
}

class ReloaderTest : public testing::Test {
 protected:
  void Write(const std::string& yaml) {
    // As Kubernetes and careful editors do: another file in its place.
    std::ofstream(directory_ / "next") << yaml;
    std::filesystem::rename(directory_ / "next", path());
  }
  [[nodiscard]] std::string path() const { return directory_ / "tocsin.yaml"; }
  std::unique_ptr<Reloader> Make(const std::string& yaml) {
    Write(yaml);
    return std::make_unique<Reloader>(
        path(), LoadConfig(path())->config,
        [this](const Config& taken) {
          ++uses_;
          used_ = taken.rules_hash;
        },
        [this](ReloadCause cause, const ReloadOutcome& outcome) {
          told_.emplace_back(cause, outcome.accepted);
        });
  }
  const TempDirectory directory_;
  int uses_ = 0;
  std::string used_;
  std::vector<std::pair<ReloadCause, bool>> told_;
};

TEST_F(ReloaderTest, TakesOverAGoodFileAndKeepsTheOldOneFromABadOne) {
  const auto reloader = Make("");
  const std::string before = reloader->running().rules_hash;
  Write("detectors: {new_device: {mode: shadow}}\n");
  ReloadOutcome outcome = reloader->Reload(ReloadCause::kSignal);
  EXPECT_TRUE(outcome.accepted);
  EXPECT_THAT(Names(outcome.changed), ElementsAre("live detectors.new_device.mode"));
  EXPECT_EQ(used_, outcome.rules_hash);
  EXPECT_NE(used_, before);

  for (const char* bad :
       {"detectors: {new_device: {mode: shade}}\n", "]", "nothing: 1\nengine: {workers: -1}\n"}) {
    Write(bad);
    const ReloadOutcome refused = reloader->Reload(ReloadCause::kSignal);
    EXPECT_FALSE(refused.accepted) << bad;
    EXPECT_FALSE(refused.problems.empty());
    EXPECT_EQ(refused.rules_hash, used_);
    EXPECT_FALSE(reloader->accepted());
  }
  std::filesystem::remove(path());
  EXPECT_FALSE(reloader->Reload(ReloadCause::kSignal).accepted);
  EXPECT_EQ(uses_, 1);
  EXPECT_THAT(ReloadJson(outcome),
              HasSubstr(R"("key":"detectors.new_device.mode","was":"live","is":"shadow","applies":"now")"));
  EXPECT_THAT(ReloadText(ReloadJson(outcome), true),
              HasSubstr("detectors.new_device.mode: live is now shadow\ntaken over: rules " + used_ +
                        " are in use\n"));
}

TEST_F(ReloaderTest, AnEmptiedFileTakesNoLimitsAway) {
  const auto reloader = Make("limits: [{name: daily, direction: out, window: day, max: CNY 5.00}]\n");
  const std::string before = reloader->running().rules_hash;
  for (const char* emptied : {"", "# limits: to come\n"}) {
    Write(emptied);
    const ReloadOutcome refused = reloader->Reload(ReloadCause::kSignal);
    EXPECT_FALSE(refused.accepted);
    EXPECT_FALSE(reloader->accepted());
    EXPECT_EQ(reloader->running().rules.limits.limits.size(), 1U);
    EXPECT_EQ(refused.rules_hash, before);
    EXPECT_THAT(ReloadText(ReloadJson(refused), false), HasSubstr(": error: holds no key: "));
    EXPECT_THAT(RecentLogLines().back(), HasSubstr("where that is meant, write version: 1"));
  }
  EXPECT_EQ(uses_, 0);
  Write("version: 1\n");
  EXPECT_TRUE(reloader->Reload(ReloadCause::kSignal).accepted);
  EXPECT_EQ(reloader->running().rules.limits.limits.size(), 0U);
}

TEST_F(ReloaderTest, ARefusalReadsAsThatOfCheck) {
  const auto reloader = Make("");
  Write("nothing: 1\nengine: {workers: -1, commit_events: 5}\n");
  const std::string text = ReloadText(ReloadJson(reloader->Reload(ReloadCause::kSignal)), false);
  EXPECT_THAT(text, testing::StartsWith(path() + ":1:1: error: nothing: is not a known key\n"));
  EXPECT_THAT(text, HasSubstr("\n" + path() + ":1:1: warning: geoip.city: no database"));
  EXPECT_THAT(text, HasSubstr("\n" + path() + ":2:19: error: engine.workers: below "));
  EXPECT_THAT(text,
              testing::EndsWith("refused: the old rules stay (" + reloader->running().rules_hash + ")\n"));
  std::filesystem::remove(path());
  EXPECT_THAT(ReloadText(ReloadJson(reloader->Reload(ReloadCause::kSignal)), false),
              testing::StartsWith(path() + ": error: cannot be read: No such file or directory\n"));
  EXPECT_THAT(RecentLogLines().back(), HasSubstr("\"" + path() + ": cannot be read: No such file"));
  Write("engine: {commit_events: 5}\n");
  EXPECT_THAT(ReloadText(ReloadJson(reloader->Reload(ReloadCause::kSignal)), true),
              HasSubstr(" is now 5 (after a restart)\n"));
}

TEST_F(ReloaderTest, WaitsUntilTheFileIsLeftAlone) {
  const auto reloader = Make("");
  auto now = std::chrono::steady_clock::now();
  reloader->Watch(now);
  Write("detectors: {new_device: {mode: shadow}}\n");
  reloader->Watch(now += milliseconds(600));  // Seen for the first time.
  EXPECT_EQ(uses_, 0);
  Write("detectors: {new_device: {mode: shadow}, new_network: {mode: shadow}}\n");
  reloader->Watch(now += milliseconds(600));  // Another one: the waiting begins again.
  reloader->Watch(now += milliseconds(600));
  EXPECT_EQ(uses_, 0);
  reloader->Watch(now += milliseconds(600));
  EXPECT_EQ(uses_, 1);
  EXPECT_EQ(Difference(reloader->running(), ConfigOf("")).size(), 2U);
  for (int i = 0; i < 10; ++i) reloader->Watch(now += seconds(1));
  EXPECT_EQ(uses_, 1);

  std::filesystem::remove(path());
  for (int i = 0; i < 3; ++i) reloader->Watch(now += seconds(1));
  EXPECT_TRUE(reloader->accepted());  // Gone for a moment, as in a swap of links.
  Write("]");
  for (int i = 0; i < 3; ++i) reloader->Watch(now += seconds(1));
  EXPECT_FALSE(reloader->accepted());
  EXPECT_EQ(uses_, 1);
  using Told = std::pair<ReloadCause, bool>;
  EXPECT_THAT(told_, ElementsAre(Told{ReloadCause::kFile, true}, Told{ReloadCause::kFile, false}));
}

}  // namespace
}  // namespace tocsin::daemon
