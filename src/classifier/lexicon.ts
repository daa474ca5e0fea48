/**
 * Words that stand for a kind of thing: the small general knowledge of the built-in embedder.
 *
 * A few hundred exemplars cannot name every programming language or every thing a sum can be about. A word listed here
 * is seen as its kind as well, so that what was learned from one member holds for the others. A kind is no class: which
 * kinds speak for which class is learned. Inflected forms are found by their stem.
 *
 * @module
 */

/** Kinds and their words, separated by spaces. A word may belong to several kinds; the first one listed names its shape. */
export const kinds: ReadonlyArray<readonly [kind: string, words: string]> = [
  ["wh", "what which who whom whose when where why how whats whos wheres hows"],
  ["aux", "is are was were am be been do does did has have had can could will would shall should may might must"],
  ["i", "i me my mine myself im ive"],
  ["you", "you your yours yourself u ur"],
  ["they", "he she it they him her them his its their we us our"],
  ["det", "the a an this that these those some any each every no all both either another"],
  [
    "prep",
    "of in on at by for with from to into onto about over under between among after before during without within against as than through since until per"
  ],
  ["conj", "and or but so if because while although though whereas then not nor"],
  [
    "number",
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred thousand million dozen half twice double triple third quarter fourth"
  ],
  [
    "language",
    "python javascript typescript java golang rust ruby php perl kotlin swift scala haskell elixir clojure bash powershell sql mysql postgres postgresql sqlite mongodb redis html css sass react vue angular svelte node nodejs deno django flask fastapi rails laravel spring numpy pandas pytorch tensorflow matplotlib sklearn jquery docker kubernetes terraform git github npm webpack regex json yaml xml csv graphql c++ c# lua matlab fortran cobol dart flutter julia verilog assembly linux ubuntu nginx kafka vba excel"
  ],
  [
    "code",
    "code function method class variable array string integer boolean pointer loop recursion recursive compiler compile compilation syntax runtime exception stacktrace traceback debug debugger bug refactor script module package import library api endpoint query database schema regex algorithm dictionary tuple hashmap hashtable struct iterator generator async promise callback thread mutex unittest test cli shell terminal commit merge branch repo repository parser parse tokenizer serialize deserialize substring subarray linked queue stack heap binary bitwise sort sorted sorting lambda decorator inheritance interface constructor instance object static enum null undefined nan int str bool float def return returns returned print println printf dataframe column index indices client server http request header backend frontend component hook middleware webhook cron lint cache segfault deadlock nullpointerexception typeerror valueerror keyerror stdout stdin argv snippet program programming implement implementation input output element elements list lists tree graph node nodes vector matrix matrices param parameter parameters argument arguments overflow concatenate append regexp url button app application plugin config deploy container pod await"
  ],
  [
    "form",
    "poem haiku sonnet limerick ballad ode verse stanza rhyme rhyming lyric lyrics song story tale fable fairytale novel novella chapter screenplay script scene monologue soliloquy dialogue skit sketch prologue epilogue flash fiction narrative slogan tagline jingle joke pun riddle parody satire letter diary toast speech eulogy vow caption blurb myth legend lullaby rap acrostic villanelle backstory premise plot vignette memoir elegy anecdote headline ad advert advertisement comic blog post"
  ],
  [
    "fancy",
    "dragon wizard witch knight kingdom castle ghost haunted vampire werewolf alien spaceship robot detective pirate princess prince queen fairy magic magical enchanted villain hero superhero protagonist narrator character galaxy planet dystopian apocalypse zombie immortal demon devil angel lighthouse curse cursed prophecy sorcerer monster whimsical mysterious forest moonlight twist setting mood romantic romance noir gothic fantasy scifi fictional imaginary imagine metaphor imagery evocative funny humorous lonely forgotten ancient midnight storm dream dreams afterlife soul souls god death humans humanity earth mankind wakes awakens discovers powers superpower"
  ],
  [
    "compose",
    "write compose invent imagine craft create pen draft narrate brainstorm describe tell make continue rewrite come generate design suggest give"
  ],
  [
    "analyse",
    "summarize summarise summary analyze analyse analysis compare contrast comparison evaluate evaluation assess assessment critique critically extract classify categorize categorise identify infer inference conclude conclusion interpret interpretation examine discuss review synthesize synthesise highlight distill weigh argue justify rank diagnose determine explain outline implication implications tradeoff tradeoffs strengths weaknesses pros cons advantages disadvantages root causes factors bias assumptions takeaways takeaway gist tldr condense paraphrase recap"
  ],
  [
    "matter",
    "passage article paragraph text excerpt report document review contract clause agreement argument sentiment theme themes transcript table data dataset trend trends survey tone claim claims evidence paper abstract study findings essay email memo statement feedback proposal policy headline speech interview press release quote context below above following attached sentence sentences entity entities reviewer author's editorial hypothesis entail entailment contradiction neutral premise quarterly revenue figures chart metrics customers respondents stakeholder stakeholders risk risks impact strategy"
  ],
  [
    "fact",
    "capital president population author actor actress director river mountain currency country state city town founded born died invented discovered won winner award prize team club song album band film movie show episode season located tallest longest largest smallest highest deepest oldest fastest first last name names named called known date year century day month symbol element anthem flag language located nickname king emperor minister governor mayor prime war battle treaty island ocean lake desert planet moon scientist inventor painter painting novel book writer poet composer singer played plays starred sang wrote directed painted released published premiered championship league cup olympics olympic medal nobel oscar grammy world nationality religion language chemical atomic formula abbreviation acronym stand stands meaning mean term word species animal bird mammal bone organ continent border borders area code zip host hosted stadium university college museum company ceo founder owner brand headquarters height distance speed age wife husband son daughter mother father brother sister married"
  ],
  [
    "place",
    "america american usa us uk england english british britain london france french paris germany german berlin italy italian rome spain spanish china chinese japan japanese tokyo india indian russia russian canada canadian australia australian brazil mexico egypt africa african europe european asia york california texas florida chicago washington scotland ireland irish greece greek roman"
  ],
  [
    "sum",
    "total altogether remaining remain left each per every percent percentage cost costs price prices priced discount sold sell sells buys buy bought spent spend spends earn earns earned pay pays paid save saved saves dollar dollars cent cents coins profit loss interest rate ratio average mean median speed distance miles mile kilometers kilometres km meters metres feet inches yards hours hour minutes minute seconds days weeks pounds kilograms kg grams liters litres gallons ounces apples oranges marbles cookies candies eggs books pencils pens stickers cards tickets boxes bags baskets bottles cups slices pizzas trees flowers chickens cows toys balls students children kids friends workers pages times more fewer less many much old age older younger twice equally divided split shared gave gives give receives received bakes ate eats drinks drove drives walks runs travels"
  ],
  [
    "math",
    "equation equations polynomial derivative integral integrate differentiate limit matrix determinant eigenvalue vector probability triangle circle radius diameter perimeter area volume rectangle square cube cubic quadratic root roots prime primes integer integers digits digit divisor divisible divisibility modulo remainder factorial factor factors fraction decimal numerator denominator logarithm log exponent sine cosine tangent sin cos tan theta angle angles degrees hypotenuse polygon hexagon parallel perpendicular midpoint slope intercept coordinate coordinates plane axis parabola ellipse hyperbola sequence arithmetic geometric series sum product quotient permutation permutations combination combinations subset subsets set function domain range inverse graph real complex rational irrational positive negative nonnegative distinct satisfy satisfies satisfying value values expression theorem lemma proof prove converge converges diverge variance deviation expected dice die coin fair random chosen randomly urn algebra calculus geometry trigonometry"
  ],
  [
    "solve",
    "solve calculate compute simplify evaluate find determine prove factor expand differentiate integrate estimate convert round express"
  ],
  [
    "greet",
    "hi hello hey hiya heya yo sup morning evening howdy greetings bye goodbye goodnight night cya thanks thank thx ty please sorry welcome cheers lol lmao haha hahaha hehe omg wow yeah yep yup nope nah ok okay cool nice awesome great ugh hmm huh oh ah aw aww damn dude bro bestie buddy pal gosh yay congrats"
  ],
  [
    "feel",
    "feel feeling feels felt love loved loves hate hated like likes liked enjoy enjoyed happy sad tired bored lonely excited nervous anxious worried stressed angry upset proud scared afraid jealous grateful glad miss missed cry cried laugh laughed annoyed frustrated exhausted sleepy hungry sick disappointed surprised embarrassed guilty ashamed hopeful relieved overwhelmed favorite favourite fun funny weird crazy terrible horrible amazing wonderful"
  ],
  [
    "life",
    "today tonight yesterday tomorrow weekend week monday friday saturday sunday mom mum dad parents family wife husband boyfriend girlfriend friend friends kids son daughter brother sister cat dog puppy kitten pet job boss work coworker school college class exam home house apartment car vacation trip beach hiking gym coffee lunch dinner pizza movie movies music concert game games hobby hobbies weather rain snow birthday party wedding date sleep bed lately recently hang hangout chat talk talking doing going wanna gonna gotta guess think thought"
  ],
  [
    "advise",
    "translate translation recipe recommend recommendation advice tips plan schedule itinerary budget steps guide best way ways should ideas improve learn prepare choose clean fix remove cook workout meal diet travel visit resume interview healthy habit routine checklist"
  ],
  [
    "layout",
    "instruction instructions input response question answer options option choices task prompt assistant human user system note example examples problem context step"
  ]
]
