// What an operator does with dead letters, and what a forged one must not make of that.
#include "daemon/service/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "daemon/log/kafka_letters.h"
#include "schemas/encode.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;

std::string LetterOf(const std::string& topic, const std::string& reason = "not_json") {
  std::string line;
  schemas::DeadLetter letter;
  letter.topic = topic;
  letter.reason = reason;
  schemas::AppendJson(line, letter);
  return line;
}

class DeadLettersTest : public testing::Test {
 protected:
  [[nodiscard]] std::string IdOf(const std::string& topic) const {
    const Result<std::vector<KeptLetter>> all = letters_.List(10);
    for (const KeptLetter& kept : *all) {
      if (kept.letter.topic == topic) return kept.id;
    }
    return "none";
  }

  const TempDirectory directory_;
  KafkaConfig kafka_;
  std::vector<std::string> lines_ = {LetterOf("logins")};
  std::vector<std::string> put_back_;
  DeadLetters letters_{directory_.path(),
                       {.newest = [this](size_t) -> Result<std::vector<std::string>> { return lines_; },
                        .put_back = [this](const schemas::DeadLetter& letter, bool vouched) -> Result<bool> {
                          if (letter.reason == "no longer kept" && !vouched) return false;
                          put_back_.push_back(letter.topic);
                          return true;
                        },
                        .is_read = [this](const std::string& topic) { return IsReadTopic(kafka_, topic); }}};
};

// Who may write to the dead-letter topic has the operator write the changelog.
TEST_F(DeadLettersTest, AreGivenBackToTopicsThatAreReadAndToNoOther) {
  EXPECT_EQ(letters_.Replay("")->touched, 1U);
  EXPECT_THAT(put_back_, ElementsAre("logins"));
  lines_.push_back(LetterOf("transactions"));
  lines_.push_back(LetterOf(kafka_.changelog_topic));
  const Result<HandledLetters> all = letters_.Replay("");
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, ErrorCode::kConflict);
  EXPECT_EQ(all.error().field, "dead letter " + IdOf(kafka_.changelog_topic));
  EXPECT_FALSE(letters_.Replay(IdOf(kafka_.changelog_topic)));
  EXPECT_THAT(put_back_, ElementsAre("logins"));
  EXPECT_EQ(letters_.Drop(IdOf(kafka_.changelog_topic))->touched, 1U);
  EXPECT_EQ(letters_.Replay("")->touched, 1U);
  EXPECT_THAT(put_back_, ElementsAre("logins", "transactions"));
}

// A loop over all processes asks each for all: each letter is given back once.
TEST_F(DeadLettersTest, OfAnotherProcessArePassedOverAndRefusedByTheirId) {
  lines_.push_back(LetterOf("transactions"));
  DeadLetters letters(
      directory_.path(),
      {.newest = [this](size_t) -> Result<std::vector<std::string>> { return lines_; },
       .put_back = [this](const schemas::DeadLetter& letter, bool) -> Result<bool> {
         put_back_.push_back(letter.topic);
         return true;
       },
       .is_of_another = [](const schemas::DeadLetter& letter) { return letter.topic == "logins"; }});
  for (const bool replay : {true, false}) {
    const auto one = replay ? letters.Replay(IdOf("logins")) : letters.Drop(IdOf("logins"));
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, ErrorCode::kConflict);
    EXPECT_THAT(one.error().detail, testing::HasSubstr("another process has it"));
  }
  EXPECT_EQ(letters.Replay("")->touched, 1U);
  EXPECT_EQ(letters.Drop("")->touched, 0U);
  EXPECT_THAT(put_back_, ElementsAre("transactions"));
  EXPECT_EQ(letters.List(10)->size(), 2U) << "every process lists all";
}

// Each reading takes megabytes: who may look must not take them as often as there are connections.
TEST_F(DeadLettersTest, AreReadForOneWhoAsksAtATime) {
  std::promise<void> begun;
  std::promise<void> goes_on;
  DeadLetters letters(directory_.path(),
                      {.newest = [&](size_t) -> Result<std::vector<std::string>> {
                         begun.set_value();
                         goes_on.get_future().wait();
                         return lines_;
                       },
                       .put_back = {}},
                      std::chrono::milliseconds(10));
  auto first = std::async(std::launch::async, [&] { return letters.List(10); });
  begun.get_future().wait();
  const auto second = letters.List(10);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  goes_on.set_value();
  EXPECT_EQ(first.get()->size(), 1U);
}

// All of them are looked at by nobody.
TEST_F(DeadLettersTest, OneWhoseRecordOnlyItHasIsGivenBackByItsIdAlone) {
  lines_.insert(lines_.begin(), LetterOf("transactions", "no longer kept"));
  for (const size_t others : {1, 0}) {
    const Result<HandledLetters> all = letters_.Replay("");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->touched, others);
    EXPECT_EQ(all->left, 1U);
  }
  EXPECT_EQ(letters_.Replay(IdOf("transactions"))->touched, 1U);
  EXPECT_THAT(put_back_, ElementsAre("logins", "transactions"));
  EXPECT_EQ(letters_.Replay("")->left, 0U);
}

// A full disk or a crash cuts a line short: what stands in the others is known all the same.
TEST_F(DeadLettersTest, ALineThatWasCutShortSpoilsNoOther) {
  lines_.push_back(LetterOf("transactions"));
  const auto handled = [this](const std::string& topic) {
    // As after a restart.
    const DeadLetters again(
        directory_.path(),
        {.newest = [this](size_t) -> Result<std::vector<std::string>> { return lines_; }, .put_back = {}});
    const Result<std::vector<KeptLetter>> all = again.List(10);
    for (const KeptLetter& kept : *all) {
      if (kept.letter.topic == topic) return kept.handled;
    }
    return std::string("none");
  };
  const std::string path = directory_ / "dead-letters.handled";
  std::ofstream(path) << "cut\n" << IdOf("logins") << " replayed\nalso-cut dro";
  EXPECT_EQ(handled("logins"), "replayed");
  EXPECT_EQ(letters_.Drop(IdOf("transactions"))->touched, 1U);
  EXPECT_EQ(handled("transactions"), "dropped");
  EXPECT_EQ(handled("logins"), "replayed");
}

TEST_F(DeadLettersTest, OfTopicsThatAreMovedIsReadWhatIsMovedAndWhatItBecomes) {
  kafka_.ingest = KafkaConfig::Ingest::kRekey;
  const KafkaConfig tasks = ForTasks(kafka_);
  EXPECT_TRUE(IsReadTopic(tasks, "logins"));
  EXPECT_TRUE(IsReadTopic(tasks, tasks.rekeyed_topic));
  EXPECT_FALSE(IsReadTopic(tasks, tasks.changelog_topic));
  EXPECT_FALSE(IsReadTopic(tasks, ""));
}

}  // namespace
}  // namespace tocsin::daemon
