// PackBuilder: reads the TOML of a pack, checks it, compiles it. The text form is documented in
// docs/packs.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "packs/compiler.h"
#include "packs/pack.h"
#include "packs/rule_book.h"
#include "packs/syntax.h"

namespace tideline {

struct TomlNode;  // pack_toml.h: the one place that knows toml++

class PackBuilder {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const Pack>> build(std::string_view toml,
                                                                 std::string_view file);
  // with_rules() of packs/rule_book.h.
  [[nodiscard]] static tl::expected<std::shared_ptr<const Pack>, RuleMistake> build_with_rules(
      const Pack& base, const RuleBook& book);

 private:
  // An expression with its named parts, put together.
  struct Formula {
    Node node;
    int line = 0;
  };

  explicit PackBuilder(Pack& pack) : pack_(pack), compiler_(pack, Compiler::Scope::features) {}

  // pack_builder.cc: events, sets, traits and the pack itself
  Parsed<void> read(const TomlNode& root);
  Parsed<void> read_events(const TomlNode& root);
  Parsed<FieldSpec> read_field(const std::string& name, const TomlNode& node, bool is_trait);
  Parsed<void> read_field_options(const TomlNode& node, bool is_trait, FieldSpec& field);
  Parsed<void> read_traits(const TomlNode& root);
  Parsed<void> read_pack(const TomlNode& root);
  Parsed<void> read_sets(const TomlNode& root);
  Parsed<void> add_set(const std::string& name, const TomlNode& node);
  // pack_builder_rules.cc: what is written in expressions
  Parsed<void> read_features(const TomlNode& root);
  Parsed<void> read_feature(const TomlNode& node);
  Parsed<void> read_purchases(const TomlNode& root);
  Parsed<void> read_eligible(const TomlNode& root);
  Parsed<void> read_tasks(const TomlNode& root);
  Parsed<void> read_task(const TomlNode& node);
  Parsed<void> check_order_of_tasks(const TomlNode& root);
  Parsed<void> read_tiers(const TomlNode& root);
  Parsed<void> read_plays(const TomlNode& root);
  Parsed<void> read_words(const TomlNode& node, FeatureSpec& feature);
  Parsed<PlaySpec> read_play(const TomlNode& node);
  Parsed<void> read_play_rule(const TomlNode& node, const std::vector<std::string>& keys,
                              Compiler& compiler, PlaySpec& play);
  using NamedParts = std::map<std::string, Node>;
  static Parsed<NamedParts> read_parts(const TomlNode& node, const std::vector<std::string>& keys);
  static Parsed<void> check_parts_used(const TomlNode& node, const std::string& main,
                                       const std::vector<std::string>& keys,
                                       const std::vector<std::string>& used);
  Parsed<Formula> read_formula(const TomlNode& node, const std::string& main,
                               const std::vector<std::string>& keys);
  Parsed<Expression> read_condition(const TomlNode& node, const std::string& main,
                                    const std::vector<std::string>& keys, Compiler& compiler);
  [[nodiscard]] std::vector<std::string> figures() const;
  [[nodiscard]] std::vector<std::string> play_names() const;
  // rule_book.cc
  void copy_without_rules(const Pack& from);
  // pack_hash.cc: what is known when all is read
  void finish_program();
  void finish_hashes();
  [[nodiscard]] std::string describe_field(std::uint16_t field) const;
  [[nodiscard]] std::string describe_series(const Series& series) const;

  Pack& pack_;
  Compiler compiler_;
  double margin_number_ = 2;
  double margin_probability_ = 0.02;
};

}  // namespace tideline
