// RuleVersions: numbers, restart, restore, conflicts, past times, a pack that changed; and the
// previews over kept figures.
#include "pipeline/rule_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "features/customer_state.h"
#include "pipeline/records.h"
#include "pipeline/rule_preview.h"
#include "ports/memory_state_store.h"
#include "scoring/test_pack.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

using testing::HasSubstr;

class RuleVersionsTest : public ::testing::Test {
 protected:
  RuleVersionsTest() { EXPECT_TRUE(versions_.load().has_value()); }

  RuleBook stricter(const std::string& limit = "40") const {
    RuleBook book = rule_book_of(*pack_);
    book.tiers[0].rule = "health_score < " + limit + " or churn_risk_14d > 0.7";
    return book;
  }
  std::string tier_at(const Pack& rules, double health) const {
    std::vector<std::optional<double>> figures(pack_->tasks().size(), 0.3);
    figures[*pack_->task_index("health_score")] = health;
    return tier_of(rules, figures).tier;
  }

  ManualClock clock_{*parse_time("2026-01-10T12:00:00Z")};
  std::shared_ptr<const Pack> pack_ = test_pack();
  MemoryStateStore store_;
  RuleVersions versions_{*pack_, store_, clock_, clock_};
};

TEST_F(RuleVersionsTest, the_packs_own_rules_are_version_0) {
  EXPECT_EQ(versions_.in_force().number, 0U);
  EXPECT_EQ(versions_.in_force().pack.get(), pack_.get());
  const auto list = versions_.list(10, std::nullopt);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().book, rule_book_of(*pack_));
  EXPECT_EQ(versions_.show(1).error().reason, "unknown_version");
}

TEST_F(RuleVersionsTest, a_saved_version_is_in_force_at_once_and_after_a_restart) {
  EXPECT_EQ(tier_at(*versions_.in_force().pack, 35), "at_risk");
  const auto saved = versions_.save(stricter(), {"ann", "why not", 0});
  ASSERT_TRUE(saved.has_value()) << saved.error().message;
  EXPECT_EQ(saved->number, 1U);
  EXPECT_EQ(saved->who, "ann");
  EXPECT_EQ(saved->saved, clock_.now());
  EXPECT_EQ(tier_at(*versions_.in_force().pack, 35), "churned");
  RuleVersions again(*pack_, store_, clock_, clock_);
  ASSERT_TRUE(again.load().has_value());
  EXPECT_EQ(again.in_force().number, 1U);
  EXPECT_EQ(tier_at(*again.in_force().pack, 35), "churned");
  EXPECT_EQ(again.show(1)->note, "why not");
  EXPECT_EQ(again.show(1)->book, stricter());
}

TEST_F(RuleVersionsTest, restoring_makes_a_new_version) {
  ASSERT_TRUE(versions_.save(stricter(), {"", "", 0}).has_value());
  const auto back = versions_.restore(0, {"bob", "", 1});
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->number, 2U);
  EXPECT_EQ(back->restored_from, 0U);
  EXPECT_EQ(tier_at(*versions_.in_force().pack, 35), "at_risk");
  std::vector<std::uint32_t> numbers;
  const auto list = versions_.list(10, std::nullopt);
  for (const RuleVersion& version : *list) numbers.push_back(version.number);
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_EQ(versions_.list(10, 2)->size(), 2U);
  EXPECT_EQ(versions_.list(1, 2)->front().number, 1U);
  EXPECT_EQ(versions_.list(10, 0)->size(), 0U);
}

TEST_F(RuleVersionsTest, who_edits_an_old_version_is_told) {
  ASSERT_TRUE(versions_.save(stricter(), {"ann", "", 0}).has_value());
  const auto late = versions_.save(stricter("45"), {"bob", "", 0});
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().reason, "version_conflict");
  EXPECT_EQ(versions_.in_force().number, 1U);
}

TEST_F(RuleVersionsTest, a_mistake_saves_nothing) {
  const auto wrong = versions_.save(stricter("140"), {"", "", 0});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().reason, "bad_rules");
  EXPECT_THAT(wrong.error().message, HasSubstr("tiers[0].rule"));
  EXPECT_EQ(versions_.newest(), 0U);
}

TEST_F(RuleVersionsTest, past_times_have_the_rules_of_then) {
  const Time before = clock_.now();
  clock_.advance(kHour);
  ASSERT_TRUE(versions_.save(stricter(), {"", "", 0}).has_value());
  clock_.advance(kHour);
  ASSERT_TRUE(versions_.save(stricter("50"), {"", "", 1}).has_value());
  EXPECT_EQ(versions_.in_force_at(before)->number, 0U);
  EXPECT_EQ(versions_.in_force_at(before + kHour)->number, 1U);
  EXPECT_EQ(versions_.in_force_at(clock_.now())->number, 2U);
  RuleVersions frozen(*pack_, store_, clock_, clock_);
  ASSERT_TRUE(frozen.load(before + kHour + kHour / 2).has_value());
  EXPECT_EQ(frozen.in_force().number, 1U);
}

TEST_F(RuleVersionsTest, a_version_that_does_not_fit_the_pack_any_more_gives_way) {
  ASSERT_TRUE(versions_.save(stricter(), {"", "", 0}).has_value());
  std::string text = kTestPack;
  text.replace(text.find("name = \"thriving\""), 17, "name = \"blooming\"");
  const auto changed = Pack::parse(text, "test.toml");
  ASSERT_TRUE(changed.has_value()) << changed.error().message;
  RuleVersions again(**changed, store_, clock_, clock_);
  ASSERT_TRUE(again.load().has_value());
  EXPECT_EQ(again.in_force().number, 0U);
  EXPECT_EQ(again.newest(), 1U);
  EXPECT_THAT(again.problem(), HasSubstr("tiers[1].name"));
  RuleBook book = rule_book_of(**changed);
  book.tiers[0].rule = "health_score < 33";
  ASSERT_TRUE(again.save(book, {"", "", 1}).has_value());
  EXPECT_EQ(again.in_force().number, 2U);
  EXPECT_EQ(again.problem(), "");
}

class RulePreviewTest : public RuleVersionsTest {
 protected:
  // A customer as it was scored last.
  void add(const std::string& id, double health, const std::string& tier,
           ScoreStatus status = ScoreStatus::scored, bool lapsed = false) {
    KeptPrediction kept;
    Prediction& p = kept.prediction;
    p.customer = CustomerId(id);
    p.timestamp = clock_.now();
    p.tier = tier;
    p.status = status;
    p.lapsed = lapsed;
    p.figures.assign(pack_->tasks().size(), 0.3);
    p.figures[*pack_->task_index("health_score")] = health;
    WriteBatch batch;
    batch.put(Family::predictions, id, encode(kept));
    CustomerState state;
    batch.put(Family::customers, id, state.encode(*pack_));
    ASSERT_TRUE(store_.write(batch, Durability::later).has_value());
  }
  Result<TierPreview> preview(const RuleBook& book) {
    const auto draft = with_rules(*pack_, book);
    EXPECT_TRUE(draft.has_value());
    return preview_.tiers(*pack_, **draft);
  }
  std::uint64_t moved(const TierPreview& preview, const std::string& from,
                      const std::string& to) const {
    const auto& tiers = pack_->tiers();
    const auto place = [&](const std::string& tier) {
      return std::size_t(std::find(tiers.begin(), tiers.end(), tier) - tiers.begin());
    };
    return preview.matrix[place(from) * tiers.size() + place(to)];
  }

  RulePreview preview_{RulePreviewOptions(),
                       *pack_,
                       store_,
                       clock_,
                       clock_,
                       [](const CustomerId& customer) { return customer.str() == "held"; },
                       nullptr};
};

TEST_F(RulePreviewTest, those_who_would_move_are_counted) {
  for (int health = 0; health < 100; ++health) {
    const double h = health + 0.5;
    add("c" + std::to_string(health), h, tier_at(*pack_, h));
  }
  add("unscored", 35, "", ScoreStatus::unscored);
  add("lapsed", 35, "at_risk", ScoreStatus::scored, true);
  const auto same = preview(rule_book_of(*pack_));
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->customers, 100U);
  EXPECT_EQ(same->moved, 0U);
  const auto other = preview(stricter());
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->moved, 10U);
  EXPECT_EQ(moved(*other, "at_risk", "churned"), 10U);
  EXPECT_EQ(moved(*other, "churned", "churned"), 30U);
  EXPECT_EQ(other->examples.size(), 3U);
  ASSERT_TRUE(other->plane.has_value());
  EXPECT_EQ(pack_->tasks()[other->plane->x].name, "health_score");
  EXPECT_EQ(pack_->tasks()[*other->plane->y].name, "churn_risk_14d");
  std::uint64_t drawn = 0;
  for (const std::uint32_t count : other->plane->customers) drawn += count;
  EXPECT_EQ(drawn, 100U);
  // The lowest cell of the draft is churned, the best one thriving.
  EXPECT_EQ(other->plane->tiers.front(), 0);
  EXPECT_EQ(other->plane->tiers[other->plane->columns - 1], 1);
}

TEST_F(RulePreviewTest, plays_are_counted_with_the_drafts_tiers_and_without_the_holdout) {
  add("low", 35, "at_risk");
  add("high", 90, "healthy");
  add("held", 35, "at_risk");
  RuleBook book = rule_book_of(*pack_);
  PlayRule play;
  play.name = "call";
  play.when = "tier.churned";
  play.say = "Health {health_score:.0}";
  play.on = false;
  book.plays.push_back(play);
  const auto now = preview_.plays(*pack_, book);
  ASSERT_TRUE(now.has_value()) << now.error().message;
  EXPECT_EQ(now->plays.at(0).customers, 0U);
  book.tiers = stricter().tiers;
  const auto then = preview_.plays(*pack_, book);
  ASSERT_TRUE(then.has_value());
  EXPECT_EQ(then->plays.at(0).customers, 1U);
  EXPECT_EQ(then->plays.at(0).example, "Health 35");
  EXPECT_EQ(then->looked_at, 3U);
}

}  // namespace
}  // namespace tideline
