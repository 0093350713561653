// The English of the assistant: what stands for each notion, phrases before words, and the words
// that say nothing.
#pragma once

#include <string_view>

namespace tideline {

struct NotionWords {
  std::string_view notion;
  double weight;           // 0 to 1
  std::string_view words;  // separated by ";", also phrases
};

inline constexpr NotionWords kNotions[] = {
    {"how_many", 0.7,
     "how many; number of; count; counts; quantity; tally; total number; head count; headcount"},
    {"how_much", 0.7, "how much; amount; amounts; how high; how big; how large; size"},
    {"total", 0.2, "total; overall; altogether; in all; sum; all"},
    {"share", 0.7,
     "share; percentage; percent; percents; fraction; proportion; ratio; pct; part of"},
    {"rate", 0.7, "rate; rates"},
    {"mean", 0.7, "average; mean; avg; typical; typically; averages; averagely; on average"},
    {"who", 0.5, "who; whom; whose; names; which ones; which one; who are they"},
    {"which", 0.3, "which; list; show; display; table; where"},
    {"top", 0.7,
     "top; most; highest; biggest; largest; best; greatest; maximum; max; riskiest; safest; "
     "leading; main; major; key"},
    {"big", 0.5, "biggest; largest; large accounts; big accounts; big customers"},
    {"low", 0.8, "lowest; least; smallest; fewest; minimum; min; worst; bottom"},
    {"first", 0.6, "first; start; begin; before others"},
    {"urgent", 0.8,
     "urgent; urgently; urgency; attention; priority; prioritise; prioritize; needs help; "
     "need help; needs our help; need our help; need the most help; most pressing"},
    {"contact", 0.8,
     "call; contact; ring; reach out; reach; talk to; speak to; approach; get in touch; call "
     "list; "
     "write to; visit; focus on"},
    {"trend", 0.7,
     "trend; trends; trending; develop; develops; developed; developing; development; over time; "
     "evolve; evolved; evolution; going up; going down; up or down; rising; rise; rises; falling; "
     "growing; grow; growth; grew; increase; increasing; increased; decrease; decreasing; "
     "shrinking; shrink; curve; getting more; getting fewer; getting less; timeline; history; "
     "improving; getting worse; getting better; how has; how have; over the months; "
     "over the weeks; course"},
    {"each", 0.7,
     "per; by; each; every; split; breakdown; break down; broken down; grouped; group by"},
    {"spread", 0.8,
     "distribution; distributed; histogram; spread; range; ranges; buckets; "
     "bands; scatter; which health score"},
    {"tier", 0.8,
     "tier; tiers; segment; segments; segmentation; class; classes; category; categories; bucket"},
    {"customer", 0.35,
     "customer; customers; client; clients; account; accounts; user; users; people; ppl; member; "
     "members; clientele; student; students; learner; learners; buyer; buyers; subscriber; "
     "spender; spenders; "
     "subscribers; person; persons; folks; custs; customer base; base; ones; households; "
     "shoppers"},
    {"risk", 0.8,
     "risk; risks; danger; endangered; jeopardy; risky; riskiest; threatened; churn risk; "
     "churn probability; risk of churn; risk of churning; risk of leaving; probability; "
     "in danger; risk scores; risk score"},
    {"likely", 0.6,
     "likely; likelihood; chance; chances; odds; probable; about to; on the brink; on the verge; "
     "soon"},
    {"churn", 0.8,
     "churn; churns; churning; leave; leaves; leaving; quit; quits; quitting; lose; loses; "
     "losing; "
     "lost; loss; losses; attrition; defect; walk away; walk out; walking away; gone; go away; "
     "stopped; stop; stops; left us; left; churners; cancel on us; abandon; drop out; "
     "turn their back"},
    {"health", 0.8,
     "health; how healthy; healthier; wellbeing; condition; healthiest; health score; health "
     "scores; which health score"},
    {"figure", 0.3, "score; scores; scoring; scored; figure; figures; numbers; value; values"},
    {"money", 0.8,
     "money; revenue; revenues; sales; turnover; income; dollar; dollars; earn; earned; earning; "
     "earnings; cash; euro; euros; usd; eur; takings; cost us; costs us; spend; spends; spent; "
     "spending; spender; "
     "spenders; pay; pays; paid; paying; bring in; brings in; brought in; proceeds; made us; "
     "sell; sold; billing; monetary"},
    {"worth", 0.8, "worth; valuable; arpu; bring; brings; lifetime value; ltv"},
    {"payment", 0.8,
     "payment; payments; order; orders; order value; transaction; transactions; purchase; "
     "purchases; invoice; invoices; basket; checkout; ticket size; transaction size"},
    {"money_risk", 1.0,
     "money at risk; revenue at risk; income at risk; sales at risk; amount at risk; at stake; "
     "money in danger; revenue in danger; revenue is in danger; money is in danger; "
     "revenue under threat; dollars at risk; value at risk; money is at risk; revenue is at risk; "
     "money on the line; revenue on the line; on the line"},
    {"fail", 0.7,
     "fail; fails; failed; failing; failure; failures; declined payments; bounced; unsuccessful"},
    {"succeed", 0.6,
     "success; succeed; succeeds; successful; succeeded; go well; goes well; went well"},
    {"driver", 0.9,
     "driver; drivers; drive; drives; driving; driven; reason; reasons; cause; causes; caused; "
     "causing; factor; factors; explain; explains; explanation; makes; behind; root cause; "
     "leads to; responsible; wrong with; up with; matter with; motive; motives; contributes"},
    {"why", 0.9, "why; how come; what for; wy; y"},
    {"change", 0.8,
     "change; changes; changed; changing; different; happened; happen; happening; happens; what "
     "is new; "
     "what s new; whats new; what new; news; anything i should know; i should know; anything new; "
     "going on; catch me up; brief me; did i miss; have i missed; difference since"},
    {"move", 0.8,
     "move; moved; moves; moving; became; become; becomes; fell; fall; slid; slide; entered; "
     "enter; "
     "turned; got into; transition; transitions; migrated; migration; movement; movements; flow; "
     "flows; went; switched; shifted; shift; crossed; dropped into; dropped to; fell to; "
     "fell into; changed tier; tier change; tier changes; change tier; changing tier; "
     "switch tier; newly"},
    {"up", 0.9,
     "recover; recovers; recovered; recovering; recovery; recoveries; improve; improved; "
     "improves; "
     "improvement; got better; get better; upgraded; moved up; move up; went up a tier; "
     "won back from; climbed; turned around; bounced back; saved; on the mend; rescued"},
    {"down", 0.9,
     "worse; worsened; decline; declined; declining; deteriorate; deteriorated; deteriorating; "
     "slipping; slip; slipped; sank; sink; sinking; moved down; move down; dropped; drop; "
     "drops; dropping; tier dropped; went down a tier; degraded; got worse; gets worse; weakened; "
     "weaker; downgraded; sliding; fading"},
    {"new", 0.7,
     "new; join; joins; joined; joining; sign up; sign ups; signup; signups; signed up; signing "
     "up; "
     "first time; acquisition; acquire; acquired; acquisitions; newcomer; newcomers; registered; "
     "registrations; registration; onboarded; came in; came on board; new to us; fresh customers; "
     "newer; "
     "won"},
    {"active", 0.8, "active; used us; use us; using us; engaged; online; still active; visited"},
    {"active_day", 0.9, "dau; daily active; daily actives"},
    {"active_week", 0.9, "wau; weekly active; weekly actives"},
    {"active_month", 0.9, "mau; monthly active; monthly actives"},
    {"activity", 0.7,
     "activity; activities; usage; engagement; traffic; volume; use; up to; up to lately"},
    {"event", 0.6, "event; events; event names; event name; evts"},
    {"common", 0.7,
     "common; frequent; frequently; popular; usual; occurs; do most; most often; do the most"},
    {"cohort", 1.0,
     "cohort; cohorts; retention; retain; retained; retaining; stay; stays; stayed; stick; "
     "sticky; "
     "still with us; still active; sign up month; joining month; month of joining; "
     "keep customers; keep our customers; stickiness; keep them; remain; last longer; loyalty"},
    {"back", 1.0,
     "came back; come back; coming back; return; returned; returning; returns; resurrected; "
     "resurrection; reactivated; win back; win backs; won back; winback; winbacks; reactivation; "
     "comeback; comebacks; back again"},
    {"silent", 0.9,
     "silent; quiet; went quiet; inactive; inactivity; not been seen; not seen; unseen; "
     "without activity; no activity; not heard; not heard from; heard from; went silent; "
     "not shown up; disappeared; vanished; missing in action; no sign of life; not been active; "
     "not active; not logged in; have not been in; idle"},
    {"lapsed", 1.0,
     "lapsed; lapse; lapses; dormant; no longer active; no longer with us; inactive for good"},
    {"unscored", 1.0,
     "unscored; no score; without a score; without score; without a prediction; "
     "without prediction; without predictions; no prediction; no predictions; not scored; "
     "not be scored; cannot be scored; have no score; lack a score; missing score; missing "
     "scores"},
    {"model", 0.8, "model; models; algorithm; algorithms; network; neural network; xgboost"},
    {"model_plural", 0.6, "models; versions; algorithms"},
    {"version", 0.5, "version; versions"},
    {"current", 0.3,
     "current; production; live; in use; in service; deployed; using; used; in charge"},
    {"trained", 0.7, "trained; train; training; retrained; learned"},
    {"quality", 0.8,
     "accurate; accuracy; trust; trustworthy; reliable; reliability; auc; roc; precise; quality; "
     "how good; wrong; performance; rely on; calibrated; calibration; brier; believe; error; "
     "errors; how well do the predictions; correct"},
    {"prediction", 0.7,
     "prediction; predictions; predict; predicted; predicting; these scores; the scores"},
    {"expect", 0.7,
     "expect; expected; expects; forecast; forecasts; going to; will; projected; project; "
     "outlook; anticipate; next"},
    {"pipeline", 0.9,
     "pipeline; ingest; ingestion; processing; machinery; infrastructure; backend; "
     "is everything running; everything running; everything ok; everything fine; data flowing; "
     "data is flowing; data come in; data coming in; the system; system status; system doing; "
     "system health; received and applied; events were received; plumbing; healthcheck"},
    {"running", 0.5,
     "running; flowing; works; working; broken; problem; problems; issue; issues; stuck; trouble; "
     "status; ok; okay; fine; state"},
    {"applied", 0.7,
     "applied; received; processed; processing; taken in; arrive; arrived; arrives; arrival"},
    {"dead_letter", 1.0,
     "dead letter; dead letters; deadletter; deadletters; rejected; reject; rejects; rejected "
     "events; "
     "could not be processed; bad events; bad event; failed events; events failed; broken events; "
     "not be processed; could not be taken in; dlq; poison; invalid events; refused events"},
    {"fresh", 1.0,
     "fresh; freshness; up to date; how old; how recent; stale; staleness; last event; "
     "last updated; last update; when did you last; last scored; data current; outdated; "
     "latest event; how current; last refresh; refreshed; updated"},
    {"data", 0.2, "data; dataset"},
    {"source", 0.9,
     "source; sources; come from; comes from; send us; sends us; sends; send the most; sending; "
     "origin; feeds; feed; senders; sender; integration; integrations"},
    {"late", 1.0, "late; lateness; delay; delays; delayed; latency; lag; lagging; tardy"},
    {"action", 0.9,
     "action; actions; task; tasks; inbox; todo; todos; to do; recommendation; recommendations; "
     "recommend; recommends; recommended; intervention; interventions; our calls; the calls; "
     "suggestions; suggest; suggested; next steps; what should we do; what we do"},
    {"open", 0.5,
     "open; pending; inbox; todo; todos; to do; waiting; outstanding; to be done; unfinished; "
     "still to do; left to do"},
    {"play", 0.7, "play; plays; playbook; kind; kinds; type; types; sort of"},
    {"done", 0.7, "done; completed; finished; carried out; closed; handled; resolved"},
    {"outcome", 0.8,
     "outcome; outcomes; worked; came of; result; results; dismissed; snoozed; did it help"},
    {"help", 0.5, "help; helps; helped; helping"},
    {"owner", 0.9,
     "owner; owners; team; colleague; colleagues; workload; assignee; assigned; staff; on the "
     "team; agents; per person; who does"},
    {"effect", 1.0,
     "effect; effects; lift; holdout; impact; doing nothing; actions work; actions help; "
     "make a difference; making a difference; uplift; does it help; effective; effectiveness; "
     "having any effect; actions pay off; pay off; measured effect"},
    {"compare", 0.9,
     "compare; compared; comparing; comparison; versus; vs; against; difference; differences; "
     "differ; differs; than in; better off; better than; worse than; side by side; "
     "difference between; contrast; do better in; relative to"},
    {"rating", 0.9,
     "rating; ratings; rated; stars; happy; happiness; satisfied; satisfaction; rate their; "
     "customers rate; review; reviews; feedback"},
    {"busy", 1.0,
     "busiest; busy; peak; peaks; what hour; which hour; hour of the day; hours; hour; weekday; "
     "weekdays; "
     "day of the week; time of day; what time; when do people; when do customers; when are; "
     "busiest times; times of day; days of the week"},
    {"tenure", 1.0,
     "tenure; longer standing; long standing; age of the account; since joining; time with us; "
     "account age; old ones; older customers; older ones; how long they; new customers do; "
     "time since joining; newer customers do; new customers compared; length of membership"},
    {"oldest", 1.0,
     "oldest; longest; longest standing; longest with us; with us the longest; most loyal; "
     "earliest; veteran; veterans; long time customers"},
    {"newest", 0.8, "newest; most recently; latest; recently; lately; recent; youngest; last"},
    {"definition", 1.0,
     "definition; definitions; define; defined; defines; meaning; meant; calculate; calculated; "
     "computed; compute; mean by; stand for; stands for; what is a; what is an; explain tiers; "
     "explain the tiers; explain tier; glossary; how do you calculate; terminology"},
    {"possible", 1.0,
     "what can i ask; can i ask; what can you do; can you do; can you answer; which questions; "
     "what questions; what do you know; examples; example; capabilities; what else can; "
     "what can you tell me; how do i use you; help me"},
    {"pilot", 1.0,
     "pilot; pilots; experiment; experiments; a b test; a b; ab test; ab tests; trial; trials; "
     "split test; randomised; arms"},
    {"overview", 1.0,
     "overview; summary; summarise; summarize; how are we doing; how is business; "
     "how is the business; business doing; where do we stand; executive; in one look; "
     "at a glance; state of things; big picture; state of affairs; health check; kpi; kpis; "
     "headline; headlines; recap; report; dashboard; how do we stand; key figures; key numbers"},
    {"session", 0.7, "session; sessions; lesson; lessons"},
    {"velocity", 1.0,
     "velocity; session velocity; pace; sessions a week; expected sessions; sessions per week do; "
     "forecast of sessions; sessions will"},
    {"first_session", 1.2,
     "first session; first sessions; first session success; first lesson; first lessons"},
    {"negation", 1.0,
     "not; no; neither; nor; never; without; except; excluding; unless; none; non; but not; "
     "hasnt; havent; hadnt; isnt; arent; wasnt; werent; doesnt; dont; didnt; wont; cant; couldnt; "
     "other than; apart from; rather than; anything but; nobody; never had"},
    {"ago", 1.0, "ago; back then; formerly; at that time; at the time; used to be"},
    {"number_above", 0.0,
     "above; over; exceed; exceeds; exceeding; greater than; more than; higher than; at least; "
     "bigger than; larger than; beyond; or more; greater; higher; exceeded"},
    {"number_below", 0.5,
     "below; under; less than; lower than; fewer than; smaller than; at most; lower; fewer; less"},
    {"again", 0.0, "and; what about; how about; same for; now for; also; then"},
};

// Words that say nothing of what is asked.
inline constexpr std::string_view kSilentWords =
    "a an the is are was were be been being am do does did done doing have has had having i me my "
    "mine we us our ours you your yours he she it its they them their theirs this that these "
    "those "
    "there here what when where whether how of in on at to for from with within into onto "
    "out off up down as than then so if but or and yes please pls plz thanks thank thx can "
    "could should would shall may might must need needs want wants like tell give get gets got "
    "let "
    "lets see look looks find show know think say about around roughly approximately exactly just "
    "only also too very really quite much many more some any somebody anybody someone anyone "
    "thing "
    "things stuff way ways kind far right now currently today moment present presently still yet "
    "already ever always often usually sometimes mostly seldom rarely after code codes carry "
    "carries "
    "hold holds contain contains include includes including involve concern concerns apply "
    "applies "
    "mention regarding given onto upon whom between behind beside despite plus via lately until "
    "till between during through while because since "
    "per by each morning afternoon evening tonight hey hi dear ok okay well um uh s re ve ll d m "
    "t "
    "whats hows whos wheres r u im id ive havnt goes go going "
    "come comes came take takes put make made use one two next quick quickly short brief briefly "
    "simple simply overall general generally altogether together everything everybody everyone "
    "something anything all both same such own even "
    "again back actually basically maybe perhaps possibly interested wonder wondering curious "
    "question ask asking asked answer me out there company firm business organisation "
    "organization us ourselves view read check fetch pull provide present name named called day "
    "days week weeks month months year years quarter quarters time times date period recent past "
    "previous last latest this current whole entire full complete total yet give given gives "
    "happen lot lots bit few several number numbers figure amount level levels place left "
    "am pm utc oh dear exact precise more most less fewer each sit sits stand stands look looking "
    "particular specific certain various different certain been getting among amongst versus turn "
    "within inside upon down least having seems seem appear appears it's there's high low long "
    "actual real really term terms respect regard regarding concerning hold keep keeps able ready "
    "great good bad nice big small large any kinds sorts line lines move forward run runs live "
    "across exist exists try trying help us our does become bring were who whom which whose why "
    "data "
    "report chart graph plot diagram picture draw table list lists listing overview print display "
    "update updates try talk talking discuss speaking hear heard feel feels start starting begin "
    "follow following related relation relate available possible sure bring best worst "
    "tops anyhow somehow first-hand sort kindly break longer before teh haven hasn isn aren don "
    "doesn didn wasn weren couldn wouldn daily weekly monthly yearly annually hourly quarterly "
    "whenever wherever each per-se fast dead hard easy";

}  // namespace tideline
