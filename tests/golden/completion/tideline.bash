# Completion of tideline for bash: . <(tideline completion bash)
_tideline_words() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$1" -- "$2")
}
_tideline_files() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$1")
}
_tideline_folders() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$1")
}
_tideline() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' i
  COMPREPLY=()
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at:${COMP_WORDS[i]}" in
      ':serve') at='serve' ;;
      ':demo') at='demo' ;;
      ':import') at='import' ;;
      ':generate') at='generate' ;;
      ':features') at='features' ;;
      ':sql') at='sql' ;;
      ':ask') at='ask' ;;
      ':lake') at='lake' ;;
      'lake:ddl') at='lake ddl' ;;
      ':snapshot') at='snapshot' ;;
      ':model') at='model' ;;
      'model:train') at='model train' ;;
      'model:evaluate') at='model evaluate' ;;
      'model:list') at='model list' ;;
      'model:show') at='model show' ;;
      'model:promote') at='model promote' ;;
      'model:rollback') at='model rollback' ;;
      'model:lapse') at='model lapse' ;;
      'model:export') at='model export' ;;
      ':score') at='score' ;;
      ':predict') at='predict' ;;
      ':test') at='test' ;;
      ':deadletters') at='deadletters' ;;
      'deadletters:list') at='deadletters list' ;;
      'deadletters:show') at='deadletters show' ;;
      'deadletters:retry') at='deadletters retry' ;;
      'deadletters:drop') at='deadletters drop' ;;
      ':actions') at='actions' ;;
      'actions:list') at='actions list' ;;
      'actions:done') at='actions done' ;;
      'actions:snooze') at='actions snooze' ;;
      'actions:dismiss') at='actions dismiss' ;;
      'actions:assign') at='actions assign' ;;
      'actions:outcome') at='actions outcome' ;;
      'actions:reopen') at='actions reopen' ;;
      ':pilots') at='pilots' ;;
      'pilots:list') at='pilots list' ;;
      'pilots:create') at='pilots create' ;;
      'pilots:show') at='pilots show' ;;
      'pilots:start') at='pilots start' ;;
      'pilots:widen') at='pilots widen' ;;
      'pilots:stop') at='pilots stop' ;;
      'pilots:measure') at='pilots measure' ;;
      ':report') at='report' ;;
      ':keys') at='keys' ;;
      'keys:create') at='keys create' ;;
      'keys:list') at='keys list' ;;
      'keys:revoke') at='keys revoke' ;;
      ':users') at='users' ;;
      'users:create') at='users create' ;;
      'users:list') at='users list' ;;
      'users:role') at='users role' ;;
      'users:disable') at='users disable' ;;
      'users:password') at='users password' ;;
      ':replay') at='replay' ;;
      ':verify') at='verify' ;;
      ':config') at='config' ;;
      'config:check') at='config check' ;;
      'config:print') at='config print' ;;
      ':doctor') at='doctor' ;;
      ':version') at='version' ;;
      ':completion') at='completion' ;;
    esac
  done
  case "$at:$prev" in
    'serve:--data') _tideline_files "$cur"; return ;;
    'serve:--config') _tideline_files "$cur"; return ;;
    'serve:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'serve:--listen') :; return ;;
    'serve:--as-of') :; return ;;
    'demo:--data') _tideline_files "$cur"; return ;;
    'demo:--port') :; return ;;
    'demo:--customers') :; return ;;
    'demo:--days') :; return ;;
    'demo:--speed') :; return ;;
    'demo:--late-share') :; return ;;
    'demo:--duplicate-share') :; return ;;
    'demo:--malformed-share') :; return ;;
    'demo:--burst-factor') :; return ;;
    'demo:--burst-length') :; return ;;
    'demo:--burst-after') :; return ;;
    'demo:--burst-every') :; return ;;
    'import:--data') _tideline_files "$cur"; return ;;
    'import:--config') _tideline_files "$cur"; return ;;
    'import:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'import:--map') _tideline_files "$cur"; return ;;
    'import:--source') :; return ;;
    'generate:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'generate:--customers') :; return ;;
    'generate:--days') :; return ;;
    'generate:--end') :; return ;;
    'generate:--seed') :; return ;;
    'generate:--out') _tideline_files "$cur"; return ;;
    'generate:--late-share') :; return ;;
    'generate:--duplicate-share') :; return ;;
    'generate:--malformed-share') :; return ;;
    'generate:--engagement') :; return ;;
    'generate:--high-share') :; return ;;
    'generate:--churn') :; return ;;
    'generate:--premium') :; return ;;
    'generate:--revenue') :; return ;;
    'generate:--planted-gap') :; return ;;
    'features:--data') _tideline_files "$cur"; return ;;
    'features:--config') _tideline_files "$cur"; return ;;
    'features:--at') :; return ;;
    'features:--customer') :; return ;;
    'features:--format') _tideline_words "csv json parquet" "$cur"; return ;;
    'features:--out') _tideline_files "$cur"; return ;;
    'sql:--data') _tideline_files "$cur"; return ;;
    'sql:--config') _tideline_files "$cur"; return ;;
    'ask:--at') :; return ;;
    'ask:--data') _tideline_files "$cur"; return ;;
    'ask:--config') _tideline_files "$cur"; return ;;
    'lake ddl:--dialect') _tideline_words "athena trino spark duckdb" "$cur"; return ;;
    'lake ddl:--location') :; return ;;
    'lake ddl:--schema') :; return ;;
    'lake ddl:--catalog') :; return ;;
    'lake ddl:--data') _tideline_files "$cur"; return ;;
    'lake ddl:--config') _tideline_files "$cur"; return ;;
    'snapshot:--out') _tideline_files "$cur"; return ;;
    'snapshot:--data') _tideline_files "$cur"; return ;;
    'snapshot:--config') _tideline_files "$cur"; return ;;
    'model train:--data') _tideline_files "$cur"; return ;;
    'model train:--config') _tideline_files "$cur"; return ;;
    'model train:--at') :; return ;;
    'model train:--folds') :; return ;;
    'model train:--select') :; return ;;
    'model train:--report') _tideline_files "$cur"; return ;;
    'model train:--table') _tideline_files "$cur"; return ;;
    'model train:--target') :; return ;;
    'model train:--id') :; return ;;
    'model train:--time') :; return ;;
    'model train:--drop') :; return ;;
    'model train:--seed') :; return ;;
    'model train:--out') _tideline_files "$cur"; return ;;
    'model evaluate:--data') _tideline_files "$cur"; return ;;
    'model evaluate:--config') _tideline_files "$cur"; return ;;
    'model evaluate:--at') :; return ;;
    'model evaluate:--folds') :; return ;;
    'model evaluate:--select') :; return ;;
    'model evaluate:--report') _tideline_files "$cur"; return ;;
    'model evaluate:--label') :; return ;;
    'model evaluate:--eligible') :; return ;;
    'model evaluate:--where') :; return ;;
    'model evaluate:--out') _tideline_files "$cur"; return ;;
    'model list:--data') _tideline_files "$cur"; return ;;
    'model list:--config') _tideline_files "$cur"; return ;;
    'model show:--data') _tideline_files "$cur"; return ;;
    'model show:--config') _tideline_files "$cur"; return ;;
    'model promote:--data') _tideline_files "$cur"; return ;;
    'model promote:--config') _tideline_files "$cur"; return ;;
    'model rollback:--data') _tideline_files "$cur"; return ;;
    'model rollback:--config') _tideline_files "$cur"; return ;;
    'model lapse:--data') _tideline_files "$cur"; return ;;
    'model lapse:--config') _tideline_files "$cur"; return ;;
    'model export:--out') _tideline_files "$cur"; return ;;
    'model export:--data') _tideline_files "$cur"; return ;;
    'model export:--config') _tideline_files "$cur"; return ;;
    'score:--in') _tideline_files "$cur"; return ;;
    'score:--at') :; return ;;
    'score:--part') :; return ;;
    'score:--out') _tideline_files "$cur"; return ;;
    'score:--model') :; return ;;
    'score:--data') _tideline_files "$cur"; return ;;
    'score:--config') _tideline_files "$cur"; return ;;
    'predict:--model') :; return ;;
    'predict:--data') _tideline_files "$cur"; return ;;
    'predict:--config') _tideline_files "$cur"; return ;;
    'deadletters list:--data') _tideline_files "$cur"; return ;;
    'deadletters list:--config') _tideline_files "$cur"; return ;;
    'deadletters list:--status') _tideline_words "open retried dropped any" "$cur"; return ;;
    'deadletters list:--code') :; return ;;
    'deadletters list:--limit') :; return ;;
    'deadletters show:--data') _tideline_files "$cur"; return ;;
    'deadletters show:--config') _tideline_files "$cur"; return ;;
    'deadletters retry:--data') _tideline_files "$cur"; return ;;
    'deadletters retry:--config') _tideline_files "$cur"; return ;;
    'deadletters retry:--payload') _tideline_files "$cur"; return ;;
    'deadletters drop:--data') _tideline_files "$cur"; return ;;
    'deadletters drop:--config') _tideline_files "$cur"; return ;;
    'actions list:--data') _tideline_files "$cur"; return ;;
    'actions list:--config') _tideline_files "$cur"; return ;;
    'actions list:--status') _tideline_words "open done snoozed dismissed withdrawn any" "$cur"; return ;;
    'actions list:--priority') _tideline_words "high medium low" "$cur"; return ;;
    'actions list:--owner') :; return ;;
    'actions list:--play') :; return ;;
    'actions list:--customer') :; return ;;
    'actions list:--limit') :; return ;;
    'actions list:--cursor') :; return ;;
    'actions done:--by') :; return ;;
    'actions done:--data') _tideline_files "$cur"; return ;;
    'actions done:--config') _tideline_files "$cur"; return ;;
    'actions done:--outcome') _tideline_words "worked did_not no_answer" "$cur"; return ;;
    'actions done:--note') :; return ;;
    'actions snooze:--by') :; return ;;
    'actions snooze:--data') _tideline_files "$cur"; return ;;
    'actions snooze:--config') _tideline_files "$cur"; return ;;
    'actions snooze:--until') :; return ;;
    'actions snooze:--for') :; return ;;
    'actions dismiss:--by') :; return ;;
    'actions dismiss:--data') _tideline_files "$cur"; return ;;
    'actions dismiss:--config') _tideline_files "$cur"; return ;;
    'actions dismiss:--reason') :; return ;;
    'actions assign:--by') :; return ;;
    'actions assign:--data') _tideline_files "$cur"; return ;;
    'actions assign:--config') _tideline_files "$cur"; return ;;
    'actions assign:--to') :; return ;;
    'actions outcome:--by') :; return ;;
    'actions outcome:--data') _tideline_files "$cur"; return ;;
    'actions outcome:--config') _tideline_files "$cur"; return ;;
    'actions outcome:--outcome') _tideline_words "worked did_not no_answer" "$cur"; return ;;
    'actions outcome:--note') :; return ;;
    'actions reopen:--by') :; return ;;
    'actions reopen:--data') _tideline_files "$cur"; return ;;
    'actions reopen:--config') _tideline_files "$cur"; return ;;
    'pilots list:--data') _tideline_files "$cur"; return ;;
    'pilots list:--config') _tideline_files "$cur"; return ;;
    'pilots create:--treatment') :; return ;;
    'pilots create:--hypothesis') :; return ;;
    'pilots create:--tier') :; return ;;
    'pilots create:--arm') :; return ;;
    'pilots create:--outcome') _tideline_words "retained amount" "$cur"; return ;;
    'pilots create:--baseline') :; return ;;
    'pilots create:--change') :; return ;;
    'pilots create:--deviation') :; return ;;
    'pilots create:--power') :; return ;;
    'pilots create:--phases') :; return ;;
    'pilots create:--horizon-days') :; return ;;
    'pilots create:--data') _tideline_files "$cur"; return ;;
    'pilots create:--config') _tideline_files "$cur"; return ;;
    'pilots show:--data') _tideline_files "$cur"; return ;;
    'pilots show:--config') _tideline_files "$cur"; return ;;
    'pilots start:--data') _tideline_files "$cur"; return ;;
    'pilots start:--config') _tideline_files "$cur"; return ;;
    'pilots widen:--data') _tideline_files "$cur"; return ;;
    'pilots widen:--config') _tideline_files "$cur"; return ;;
    'pilots stop:--reason') :; return ;;
    'pilots stop:--data') _tideline_files "$cur"; return ;;
    'pilots stop:--config') _tideline_files "$cur"; return ;;
    'pilots measure:--arm') :; return ;;
    'pilots measure:--control') :; return ;;
    'pilots measure:--outcome') :; return ;;
    'pilots measure:--before') :; return ;;
    'pilots measure:--share') :; return ;;
    'pilots measure:--id') :; return ;;
    'pilots measure:--drop') :; return ;;
    'pilots measure:--uplift') :; return ;;
    'pilots measure:--treated') :; return ;;
    'pilots measure:--value') :; return ;;
    'pilots measure:--cost') :; return ;;
    'pilots measure:--budget') :; return ;;
    'pilots measure:--out') _tideline_files "$cur"; return ;;
    'pilots measure:--seed') :; return ;;
    'report:--out') _tideline_files "$cur"; return ;;
    'report:--at') :; return ;;
    'report:--paper') _tideline_words "a4 letter" "$cur"; return ;;
    'report:--data') _tideline_files "$cur"; return ;;
    'report:--config') _tideline_files "$cur"; return ;;
    'keys create:--scope') _tideline_words "ingest read act operate administer" "$cur"; return ;;
    'keys create:--expires') :; return ;;
    'keys create:--data') _tideline_files "$cur"; return ;;
    'keys create:--config') _tideline_files "$cur"; return ;;
    'keys create:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'keys list:--data') _tideline_files "$cur"; return ;;
    'keys list:--config') _tideline_files "$cur"; return ;;
    'keys list:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'keys revoke:--data') _tideline_files "$cur"; return ;;
    'keys revoke:--config') _tideline_files "$cur"; return ;;
    'keys revoke:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'users create:--data') _tideline_files "$cur"; return ;;
    'users create:--config') _tideline_files "$cur"; return ;;
    'users create:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'users create:--role') _tideline_words "viewer analyst operator admin" "$cur"; return ;;
    'users list:--data') _tideline_files "$cur"; return ;;
    'users list:--config') _tideline_files "$cur"; return ;;
    'users list:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'users role:--data') _tideline_files "$cur"; return ;;
    'users role:--config') _tideline_files "$cur"; return ;;
    'users role:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'users disable:--data') _tideline_files "$cur"; return ;;
    'users disable:--config') _tideline_files "$cur"; return ;;
    'users disable:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'users password:--data') _tideline_files "$cur"; return ;;
    'users password:--config') _tideline_files "$cur"; return ;;
    'users password:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'replay:--data') _tideline_files "$cur"; return ;;
    'replay:--config') _tideline_files "$cur"; return ;;
    'verify:--data') _tideline_files "$cur"; return ;;
    'verify:--config') _tideline_files "$cur"; return ;;
    'config check:--data') _tideline_files "$cur"; return ;;
    'config check:--config') _tideline_files "$cur"; return ;;
    'config check:--pack') _tideline_words "commerce engagement learning marketplace" "$cur"; _tideline_folders "$cur"; return ;;
    'config print:--data') _tideline_files "$cur"; return ;;
    'config print:--config') _tideline_files "$cur"; return ;;
    'doctor:--data') _tideline_files "$cur"; return ;;
    'doctor:--config') _tideline_files "$cur"; return ;;
  esac
  case "$at" in
    '')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "serve demo import generate features sql ask lake snapshot model score predict test deadletters actions pilots report keys users replay verify config doctor version completion" "$cur"
        :
      fi ;;
    'serve')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --listen --as-of --insecure-listen" "$cur"
      else
        :
      fi ;;
    'demo')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --port --customers --days --speed --late-share --duplicate-share --malformed-share --burst-factor --burst-length --burst-after --burst-every --no-story --json" "$cur"
      else
        :
      fi ;;
    'import')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --map --source --json" "$cur"
      else
        _tideline_files "$cur"
      fi ;;
    'generate')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --pack --customers --days --end --seed --out --truth --late-share --duplicate-share --malformed-share --engagement --high-share --churn --premium --revenue --planted-gap --json" "$cur"
      else
        :
      fi ;;
    'features')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --at --customer --format --out" "$cur"
      else
        :
      fi ;;
    'sql')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --csv --json --stale" "$cur"
      else
        :
      fi ;;
    'ask')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --at --data --config --json" "$cur"
      else
        :
      fi ;;
    'lake')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "ddl" "$cur"
        :
      fi ;;
    'lake ddl')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --dialect --location --schema --catalog --data --config --json" "$cur"
      else
        :
      fi ;;
    'snapshot')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --out --data --config --json" "$cur"
      else
        :
      fi ;;
    'model')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "train evaluate list show promote rollback lapse export" "$cur"
        :
      fi ;;
    'model train')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json --at --folds --select --report --candidate --if-better --table --target --id --time --drop --seed --out" "$cur"
      else
        :
      fi ;;
    'model evaluate')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json --at --folds --select --report --label --eligible --where --out" "$cur"
      else
        :
      fi ;;
    'model list')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'model show')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'model promote')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --shadow --data --config --json" "$cur"
      else
        :
      fi ;;
    'model rollback')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --shadow --data --config --json" "$cur"
      else
        :
      fi ;;
    'model lapse')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'model export')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --out --data --config --json" "$cur"
      else
        :
      fi ;;
    'score')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --in --at --part --out --model --data --config --json" "$cur"
      else
        :
      fi ;;
    'predict')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --trace --model --data --config --json" "$cur"
      else
        :
      fi ;;
    'test')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --json" "$cur"
      else
        _tideline_files "$cur"
      fi ;;
    'deadletters')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "list show retry drop" "$cur"
        :
      fi ;;
    'deadletters list')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json --status --code --limit" "$cur"
      else
        :
      fi ;;
    'deadletters show')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'deadletters retry')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json --payload" "$cur"
      else
        :
      fi ;;
    'deadletters drop')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'actions')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "list done snooze dismiss assign outcome reopen" "$cur"
        :
      fi ;;
    'actions list')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json --status --priority --owner --play --customer --limit --cursor" "$cur"
      else
        :
      fi ;;
    'actions done')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --by --data --config --json --outcome --note" "$cur"
      else
        :
      fi ;;
    'actions snooze')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --by --data --config --json --until --for" "$cur"
      else
        :
      fi ;;
    'actions dismiss')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --by --data --config --json --reason" "$cur"
      else
        :
      fi ;;
    'actions assign')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --by --data --config --json --to" "$cur"
      else
        :
      fi ;;
    'actions outcome')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --by --data --config --json --outcome --note" "$cur"
      else
        :
      fi ;;
    'actions reopen')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --by --data --config --json" "$cur"
      else
        :
      fi ;;
    'pilots')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "list create show start widen stop measure" "$cur"
        :
      fi ;;
    'pilots list')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'pilots create')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --treatment --hypothesis --tier --arm --outcome --baseline --change --deviation --power --phases --horizon-days --draft --data --config --json" "$cur"
      else
        :
      fi ;;
    'pilots show')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'pilots start')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'pilots widen')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'pilots stop')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --reason --data --config --json" "$cur"
      else
        :
      fi ;;
    'pilots measure')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --arm --control --outcome --before --share --id --drop --uplift --treated --value --cost --budget --out --seed --json" "$cur"
      else
        _tideline_files "$cur"
      fi ;;
    'report')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --out --at --paper --data --config --json" "$cur"
      else
        _tideline_words "engagement cost architecture all" "$cur"
      fi ;;
    'keys')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "create list revoke" "$cur"
        :
      fi ;;
    'keys create')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --scope --expires --data --config --pack --json" "$cur"
      else
        :
      fi ;;
    'keys list')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json" "$cur"
      else
        :
      fi ;;
    'keys revoke')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json" "$cur"
      else
        :
      fi ;;
    'users')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "create list role disable password" "$cur"
        :
      fi ;;
    'users create')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json --role --password-stdin" "$cur"
      else
        :
      fi ;;
    'users list')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json" "$cur"
      else
        :
      fi ;;
    'users role')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json" "$cur"
      else
        _tideline_words "viewer analyst operator admin" "$cur"
      fi ;;
    'users disable')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json --undo" "$cur"
      else
        :
      fi ;;
    'users password')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json --password-stdin" "$cur"
      else
        :
      fi ;;
    'replay')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'verify')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'config')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "check print" "$cur"
        :
      fi ;;
    'config check')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --pack --json" "$cur"
      else
        :
      fi ;;
    'config print')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --origin --json" "$cur"
      else
        :
      fi ;;
    'doctor')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --data --config --json" "$cur"
      else
        :
      fi ;;
    'version')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all --json" "$cur"
      else
        :
      fi ;;
    'completion')
      if [[ $cur == -* ]]; then
        _tideline_words "--help -h --help-all" "$cur"
      else
        _tideline_words "bash zsh fish" "$cur"
      fi ;;
  esac
}
complete -F _tideline tideline
