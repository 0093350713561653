#compdef tideline
# Completion of tideline for zsh: source <(tideline completion zsh)
_tideline() {
  local cur=${words[CURRENT]} prev=${words[CURRENT-1]} at='' i
  for ((i = 2; i < CURRENT; i++)); do
    case "$at:${words[i]}" in
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
    'serve:--data') _files; return ;;
    'serve:--config') _files; return ;;
    'serve:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'serve:--listen') :; return ;;
    'serve:--as-of') :; return ;;
    'demo:--data') _files; return ;;
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
    'import:--data') _files; return ;;
    'import:--config') _files; return ;;
    'import:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'import:--map') _files; return ;;
    'import:--source') :; return ;;
    'generate:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'generate:--customers') :; return ;;
    'generate:--days') :; return ;;
    'generate:--end') :; return ;;
    'generate:--seed') :; return ;;
    'generate:--out') _files; return ;;
    'generate:--late-share') :; return ;;
    'generate:--duplicate-share') :; return ;;
    'generate:--malformed-share') :; return ;;
    'generate:--engagement') :; return ;;
    'generate:--high-share') :; return ;;
    'generate:--churn') :; return ;;
    'generate:--premium') :; return ;;
    'generate:--revenue') :; return ;;
    'generate:--planted-gap') :; return ;;
    'features:--data') _files; return ;;
    'features:--config') _files; return ;;
    'features:--at') :; return ;;
    'features:--customer') :; return ;;
    'features:--format') compadd -- csv json parquet; return ;;
    'features:--out') _files; return ;;
    'sql:--data') _files; return ;;
    'sql:--config') _files; return ;;
    'ask:--at') :; return ;;
    'ask:--data') _files; return ;;
    'ask:--config') _files; return ;;
    'lake ddl:--dialect') compadd -- athena trino spark duckdb; return ;;
    'lake ddl:--location') :; return ;;
    'lake ddl:--schema') :; return ;;
    'lake ddl:--catalog') :; return ;;
    'lake ddl:--data') _files; return ;;
    'lake ddl:--config') _files; return ;;
    'snapshot:--out') _files; return ;;
    'snapshot:--data') _files; return ;;
    'snapshot:--config') _files; return ;;
    'model train:--data') _files; return ;;
    'model train:--config') _files; return ;;
    'model train:--at') :; return ;;
    'model train:--folds') :; return ;;
    'model train:--select') :; return ;;
    'model train:--report') _files; return ;;
    'model train:--table') _files; return ;;
    'model train:--target') :; return ;;
    'model train:--id') :; return ;;
    'model train:--time') :; return ;;
    'model train:--drop') :; return ;;
    'model train:--seed') :; return ;;
    'model train:--out') _files; return ;;
    'model evaluate:--data') _files; return ;;
    'model evaluate:--config') _files; return ;;
    'model evaluate:--at') :; return ;;
    'model evaluate:--folds') :; return ;;
    'model evaluate:--select') :; return ;;
    'model evaluate:--report') _files; return ;;
    'model evaluate:--label') :; return ;;
    'model evaluate:--eligible') :; return ;;
    'model evaluate:--where') :; return ;;
    'model evaluate:--out') _files; return ;;
    'model list:--data') _files; return ;;
    'model list:--config') _files; return ;;
    'model show:--data') _files; return ;;
    'model show:--config') _files; return ;;
    'model promote:--data') _files; return ;;
    'model promote:--config') _files; return ;;
    'model rollback:--data') _files; return ;;
    'model rollback:--config') _files; return ;;
    'model lapse:--data') _files; return ;;
    'model lapse:--config') _files; return ;;
    'model export:--out') _files; return ;;
    'model export:--data') _files; return ;;
    'model export:--config') _files; return ;;
    'score:--in') _files; return ;;
    'score:--at') :; return ;;
    'score:--part') :; return ;;
    'score:--out') _files; return ;;
    'score:--model') :; return ;;
    'score:--data') _files; return ;;
    'score:--config') _files; return ;;
    'predict:--model') :; return ;;
    'predict:--data') _files; return ;;
    'predict:--config') _files; return ;;
    'deadletters list:--data') _files; return ;;
    'deadletters list:--config') _files; return ;;
    'deadletters list:--status') compadd -- open retried dropped any; return ;;
    'deadletters list:--code') :; return ;;
    'deadletters list:--limit') :; return ;;
    'deadletters show:--data') _files; return ;;
    'deadletters show:--config') _files; return ;;
    'deadletters retry:--data') _files; return ;;
    'deadletters retry:--config') _files; return ;;
    'deadletters retry:--payload') _files; return ;;
    'deadletters drop:--data') _files; return ;;
    'deadletters drop:--config') _files; return ;;
    'actions list:--data') _files; return ;;
    'actions list:--config') _files; return ;;
    'actions list:--status') compadd -- open done snoozed dismissed withdrawn any; return ;;
    'actions list:--priority') compadd -- high medium low; return ;;
    'actions list:--owner') :; return ;;
    'actions list:--play') :; return ;;
    'actions list:--customer') :; return ;;
    'actions list:--limit') :; return ;;
    'actions list:--cursor') :; return ;;
    'actions done:--by') :; return ;;
    'actions done:--data') _files; return ;;
    'actions done:--config') _files; return ;;
    'actions done:--outcome') compadd -- worked did_not no_answer; return ;;
    'actions done:--note') :; return ;;
    'actions snooze:--by') :; return ;;
    'actions snooze:--data') _files; return ;;
    'actions snooze:--config') _files; return ;;
    'actions snooze:--until') :; return ;;
    'actions snooze:--for') :; return ;;
    'actions dismiss:--by') :; return ;;
    'actions dismiss:--data') _files; return ;;
    'actions dismiss:--config') _files; return ;;
    'actions dismiss:--reason') :; return ;;
    'actions assign:--by') :; return ;;
    'actions assign:--data') _files; return ;;
    'actions assign:--config') _files; return ;;
    'actions assign:--to') :; return ;;
    'actions outcome:--by') :; return ;;
    'actions outcome:--data') _files; return ;;
    'actions outcome:--config') _files; return ;;
    'actions outcome:--outcome') compadd -- worked did_not no_answer; return ;;
    'actions outcome:--note') :; return ;;
    'actions reopen:--by') :; return ;;
    'actions reopen:--data') _files; return ;;
    'actions reopen:--config') _files; return ;;
    'pilots list:--data') _files; return ;;
    'pilots list:--config') _files; return ;;
    'pilots create:--treatment') :; return ;;
    'pilots create:--hypothesis') :; return ;;
    'pilots create:--tier') :; return ;;
    'pilots create:--arm') :; return ;;
    'pilots create:--outcome') compadd -- retained amount; return ;;
    'pilots create:--baseline') :; return ;;
    'pilots create:--change') :; return ;;
    'pilots create:--deviation') :; return ;;
    'pilots create:--power') :; return ;;
    'pilots create:--phases') :; return ;;
    'pilots create:--horizon-days') :; return ;;
    'pilots create:--data') _files; return ;;
    'pilots create:--config') _files; return ;;
    'pilots show:--data') _files; return ;;
    'pilots show:--config') _files; return ;;
    'pilots start:--data') _files; return ;;
    'pilots start:--config') _files; return ;;
    'pilots widen:--data') _files; return ;;
    'pilots widen:--config') _files; return ;;
    'pilots stop:--reason') :; return ;;
    'pilots stop:--data') _files; return ;;
    'pilots stop:--config') _files; return ;;
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
    'pilots measure:--out') _files; return ;;
    'pilots measure:--seed') :; return ;;
    'report:--out') _files; return ;;
    'report:--at') :; return ;;
    'report:--paper') compadd -- a4 letter; return ;;
    'report:--data') _files; return ;;
    'report:--config') _files; return ;;
    'keys create:--scope') compadd -- ingest read act operate administer; return ;;
    'keys create:--expires') :; return ;;
    'keys create:--data') _files; return ;;
    'keys create:--config') _files; return ;;
    'keys create:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'keys list:--data') _files; return ;;
    'keys list:--config') _files; return ;;
    'keys list:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'keys revoke:--data') _files; return ;;
    'keys revoke:--config') _files; return ;;
    'keys revoke:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'users create:--data') _files; return ;;
    'users create:--config') _files; return ;;
    'users create:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'users create:--role') compadd -- viewer analyst operator admin; return ;;
    'users list:--data') _files; return ;;
    'users list:--config') _files; return ;;
    'users list:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'users role:--data') _files; return ;;
    'users role:--config') _files; return ;;
    'users role:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'users disable:--data') _files; return ;;
    'users disable:--config') _files; return ;;
    'users disable:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'users password:--data') _files; return ;;
    'users password:--config') _files; return ;;
    'users password:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'replay:--data') _files; return ;;
    'replay:--config') _files; return ;;
    'verify:--data') _files; return ;;
    'verify:--config') _files; return ;;
    'config check:--data') _files; return ;;
    'config check:--config') _files; return ;;
    'config check:--pack') compadd -- commerce engagement learning marketplace; _files -/; return ;;
    'config print:--data') _files; return ;;
    'config print:--config') _files; return ;;
    'doctor:--data') _files; return ;;
    'doctor:--config') _files; return ;;
  esac
  local -a known
  case "$at" in
    '')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('serve:Run the server of a data folder' 'demo:Show the main job on a simulated marketplace, live' 'import:Take events from files into a data folder' 'generate:Write a simulated history as Parquet files' 'features:Write the features of every customer as of a time' 'sql:Ask the lake: events, features, predictions, customers, tier_changes, actions, dead_letters' 'ask:Ask in plain words; the answer comes with its query, period and population' 'lake:The Parquet files of a folder' 'snapshot:Copy the lake`s views as tables into one DuckDB file, for other tools' 'model:Learn from the folder`s own history, and judge what was learnt' 'score:Score tables of features, or every customer as of a time' 'predict:What the model says of one customer now, and why' 'test:Run scripts that test a pack (docs/pack-tests.md)' 'deadletters:Events that could not be taken in: look, retry, drop' 'actions:What the playbook recommends, and what people make of it' 'pilots:Experiments: who gets a treatment by chance, and what it changes' 'report:Draw reports as PDF files' 'keys:Keys by which programs send events and read' 'users:People who sign in to the page, and their roles' 'replay:Build a new state from the lake and swap it in, e.g. after the pack changed' 'verify:Read every file of a data folder and check it' 'config:Settings and packs' 'doctor:Look at the machine, the packs and a data folder' 'version:Print the program`s version' 'completion:Print a script that completes commands in a shell')
        _describe command known
        :
      fi ;;
    'serve')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --listen --as-of --insecure-listen
      else
        :
      fi ;;
    'demo')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --port --customers --days --speed --late-share --duplicate-share --malformed-share --burst-factor --burst-length --burst-after --burst-every --no-story --json
      else
        :
      fi ;;
    'import')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --map --source --json
      else
        _files
      fi ;;
    'generate')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --pack --customers --days --end --seed --out --truth --late-share --duplicate-share --malformed-share --engagement --high-share --churn --premium --revenue --planted-gap --json
      else
        :
      fi ;;
    'features')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --at --customer --format --out
      else
        :
      fi ;;
    'sql')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --csv --json --stale
      else
        :
      fi ;;
    'ask')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --at --data --config --json
      else
        :
      fi ;;
    'lake')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('ddl:Print the statements with which another engine reads the lake')
        _describe command known
        :
      fi ;;
    'lake ddl')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --dialect --location --schema --catalog --data --config --json
      else
        :
      fi ;;
    'snapshot')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --out --data --config --json
      else
        :
      fi ;;
    'model')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('train:Learn a model and put it into production' 'evaluate:Judge models and baselines on rows that they were not trained on' 'list:List the versions; * is in production, ~ in its shadow' 'show:Show one version: its manifest, how it did in service, drift' 'promote:Put a version into production; a server scores with it within a second' 'rollback:Back to the version that was in production before this one' 'lapse:Draw the errors of every lapse period and recommend one' 'export:Write a version`s network as ONNX: features in, figures out, NaN for missing')
        _describe command known
        :
      fi ;;
    'model train')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json --at --folds --select --report --candidate --if-better --table --target --id --time --drop --seed --out
      else
        :
      fi ;;
    'model evaluate')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json --at --folds --select --report --label --eligible --where --out
      else
        :
      fi ;;
    'model list')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'model show')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'model promote')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --shadow --data --config --json
      else
        :
      fi ;;
    'model rollback')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --shadow --data --config --json
      else
        :
      fi ;;
    'model lapse')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'model export')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --out --data --config --json
      else
        :
      fi ;;
    'score')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --in --at --part --out --model --data --config --json
      else
        :
      fi ;;
    'predict')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --trace --model --data --config --json
      else
        :
      fi ;;
    'test')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --json
      else
        _files
      fi ;;
    'deadletters')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('list:List them' 'show:Show one, with its payload' 'retry:Send one on its way again; twice does no harm' 'drop:Set one aside for good')
        _describe command known
        :
      fi ;;
    'deadletters list')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json --status --code --limit
      else
        :
      fi ;;
    'deadletters show')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'deadletters retry')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json --payload
      else
        :
      fi ;;
    'deadletters drop')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'actions')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('list:List them, the most urgent first' 'done:They were done' 'snooze:Hide them until a time' 'dismiss:They will not be done' 'assign:Give them to somebody' 'outcome:What came of ones that are done' 'reopen:Open ones that are done, snoozed or dismissed')
        _describe command known
        :
      fi ;;
    'actions list')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json --status --priority --owner --play --customer --limit --cursor
      else
        :
      fi ;;
    'actions done')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --by --data --config --json --outcome --note
      else
        :
      fi ;;
    'actions snooze')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --by --data --config --json --until --for
      else
        :
      fi ;;
    'actions dismiss')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --by --data --config --json --reason
      else
        :
      fi ;;
    'actions assign')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --by --data --config --json --to
      else
        :
      fi ;;
    'actions outcome')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --by --data --config --json --outcome --note
      else
        :
      fi ;;
    'actions reopen')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --by --data --config --json
      else
        :
      fi ;;
    'pilots')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('list:List them, the newest first' 'create:Plan a pilot and start it: its size follows from power and change' 'show:What it shows so far' 'start:Start a draft with its first phase' 'widen:Go on to the next phase' 'stop:Take nobody in any more' 'measure:What an experiment shows that was run elsewhere, from a table (CSV or Parquet)')
        _describe command known
        :
      fi ;;
    'pilots list')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'pilots create')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --treatment --hypothesis --tier --arm --outcome --baseline --change --deviation --power --phases --horizon-days --draft --data --config --json
      else
        :
      fi ;;
    'pilots show')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'pilots start')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'pilots widen')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'pilots stop')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --reason --data --config --json
      else
        :
      fi ;;
    'pilots measure')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --arm --control --outcome --before --share --id --drop --uplift --treated --value --cost --budget --out --seed --json
      else
        _files
      fi ;;
    'report')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --out --at --paper --data --config --json
      else
        compadd -- engagement cost architecture all
      fi ;;
    'keys')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('create:Make a key; it is shown only now' 'list:List the keys' 'revoke:Revoke a key; it opens nothing from now on')
        _describe command known
        :
      fi ;;
    'keys create')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --scope --expires --data --config --pack --json
      else
        :
      fi ;;
    'keys list')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json
      else
        :
      fi ;;
    'keys revoke')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json
      else
        :
      fi ;;
    'users')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('create:Make a user; a password is made unless one is given' 'list:List the users' 'role:Change a user`s role; they are signed out everywhere' 'disable:Let a user in no more; they are signed out everywhere' 'password:Set a new password, also when nobody can sign in any more')
        _describe command known
        :
      fi ;;
    'users create')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json --role --password-stdin
      else
        :
      fi ;;
    'users list')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json
      else
        :
      fi ;;
    'users role')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json
      else
        compadd -- viewer analyst operator admin
      fi ;;
    'users disable')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json --undo
      else
        :
      fi ;;
    'users password')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json --password-stdin
      else
        :
      fi ;;
    'replay')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'verify')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'config')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        known=('check:Check the settings, and a pack' 'print:Print every setting')
        _describe command known
        :
      fi ;;
    'config check')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --pack --json
      else
        :
      fi ;;
    'config print')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --origin --json
      else
        :
      fi ;;
    'doctor')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --data --config --json
      else
        :
      fi ;;
    'version')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all --json
      else
        :
      fi ;;
    'completion')
      if [[ $cur == -* ]]; then
        compadd -- --help -h --help-all
      else
        compadd -- bash zsh fish
      fi ;;
  esac
}
if [[ $funcstack[1] == _tideline ]]; then _tideline; else compdef _tideline tideline; fi
