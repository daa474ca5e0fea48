/**
 * Words that stand for a kind of thing: the small general knowledge of the built-in embedder.
 *
 * A few hundred exemplars cannot name every programming language or every thing a sum can be about. A word listed here
 * is seen as its kind as well, so that what was learned from one member holds for the others. A kind is no class: which
 * kinds speak for which class is learned. Inflected forms are found by their stem.
 *
 * @module
 */

/** Words of one kind, in rows separated by line ends or spaces. */
const words = (rows: string): ReadonlyArray<string> => rows.trim().split(/\s+/)

/** Kinds and their words. A word may belong to several kinds; the first one listed names its shape. */
export const kinds: ReadonlyArray<readonly [kind: string, words: ReadonlyArray<string>]> = [
  [
    "wh",
    words(`
      what which who whom whose when where why how whats whos wheres hows
    `)
  ],
  [
    "aux",
    words(`
      is are was were am be been do does did has have had can could will would shall should may might must
    `)
  ],
  [
    "i",
    words(`
      i me my mine myself im ive
    `)
  ],
  [
    "you",
    words(`
      you your yours yourself u ur
    `)
  ],
  [
    "they",
    words(`
      he she it they him her them his its their we us our
    `)
  ],
  [
    "det",
    words(`
      the a an this that these those some any each every no all both either another
    `)
  ],
  [
    "prep",
    words(`
      of in on at by for with from to into onto about over under between among after before during without
      within against than through since until per as
    `)
  ],
  [
    "conj",
    words(`
      and or but so if because while although though whereas then not nor
    `)
  ],
  [
    "number",
    words(`
      one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty
      hundred thousand million dozen half twice double triple third quarter fourth
    `)
  ],
  [
    "language",
    words(`
      python javascript typescript java golang rust ruby php perl kotlin swift scala haskell elixir clojure
      bash powershell sql mysql postgres postgresql sqlite mongodb redis html css sass react vue angular
      svelte node nodejs deno django flask fastapi rails laravel spring numpy pandas pytorch tensorflow
      matplotlib sklearn jquery docker kubernetes terraform git github npm webpack regex json yaml xml csv
      graphql lua matlab fortran cobol dart flutter julia verilog assembly linux ubuntu nginx kafka vba excel
      vhdl solidity gitignore crontab cron arduino jq makefile cmake gradle maven ansible helm grafana
      prometheus elasticsearch rabbitmq sqlalchemy pydantic prisma nextjs nuxt vite eslint jest pytest junit
      selenium playwright cypress tailwind bootstrap ggplot ggplot2 dplyr tidyverse seaborn plotly scipy sympy
      opencv keras huggingface xgboost openssl ssh curl wget awk sed grep vim emacs zsh systemd iptables aws
      azure gcp lambda s3 ec2 firebase supabase oauth jwt tcp udp http https dns grpc websocket rest oop mvc
      orm jvm wasm cuda opengl unity unreal godot swiftui jetpack android ios xcode postgis plsql tsql latex
      markdown yml toml ini dockerfile objective perl6 prolog lisp scheme ocaml erlang groovy raspberry esp32
      microcontroller spreadsheet macro
    `)
  ],
  [
    "code",
    words(`
      code function method class variable array string integer boolean pointer loop recursion recursive
      compiler compile compilation syntax runtime exception stacktrace traceback debug debugger bug refactor
      script module package import library api endpoint query database schema regex algorithm dictionary tuple
      hashmap hashtable struct iterator generator async promise callback thread mutex unittest test cli shell
      terminal commit merge branch repo repository parser parse tokenizer serialize deserialize substring
      subarray linked queue stack heap binary bitwise sort sorted sorting lambda decorator inheritance
      interface constructor instance object static enum null undefined nan int str bool float def return
      returns returned print println printf dataframe column index indices client server http request header
      backend frontend component hook middleware webhook cron lint cache segfault deadlock
      nullpointerexception typeerror valueerror keyerror stdout stdin argv snippet program programming
      implement implementation input output element elements list lists tree graph node nodes vector matrix
      matrices param parameter parameters argument arguments overflow concatenate append regexp url button app
      application plugin config deploy container pod fizzbuzz quicksort mergesort heapsort dijkstra bfs dfs
      memoization memoize palindrome anagram fibonacci linkedlist hash hashed hashing encrypt decrypt checksum
      encoding decoding utf8 ascii unicode bytes byte bit bits buffer socket port ports process processes
      daemon kernel driver firmware interpreter linker garbage allocation malloc free leak memory frame scope
      closure closures hoisting prototype polymorphism encapsulation abstraction singleton factory observer
      mock stub fixture assertion assert assertequal coverage pipeline workflow artifact build rebuild
      rollback migration migrate foreign primary key keys join joins select insert update delete where groupby
      order table tables row rows columns record records field fields csv excel dataset pixel pixels screen
      keyboard file files filename folder folders directory directories path paths disk user users admin login
      password token tokens session cookie cookies page pages form validation html tag tags div css selector
      menu dropdown modal popup navbar carousel responsive grid flexbox localhost proxy domain certificate ssl
      tls firewall latency throughput concurrency parallel race condition locked lock semaphore worker workers
      scheduler event events listener handler dispatch reducer state props hooks render renders rendering
      rerender useeffect usestate fetch axios ajax crud scrape scraper scraping crawler bot automate
      automation software developer programmer programmers microservice microservices monolith refactoring
      legacy deprecated version versions upgrade install installed dependency dependencies readme changelog
      crash crashes crashed crashing error errors fails failing failed failure warning warnings unexpected
      reference segmentation fault timeout timeouts permission denied log logs logging prints prefix suffix
      delimiter whitespace newline lowercase uppercase camelcase parses descending ascending duplicates
      duplicate occurrences occurrence consecutive adjacent contiguous
    `)
  ],
  [
    "form",
    words(`
      poem haiku sonnet limerick ballad ode verse stanza rhyme rhyming lyric lyrics song story tale fable
      fairytale novel novella chapter screenplay script scene monologue soliloquy dialogue skit sketch
      prologue epilogue flash fiction narrative slogan tagline jingle joke pun riddle parody satire letter
      diary toast speech eulogy vow caption blurb myth legend lullaby rap acrostic villanelle backstory
      premise plot vignette memoir elegy anecdote headline ad advert advertisement comic blog post shanty
      anthem chorus refrain couplet quatrain invitation flyer poster label motto catchphrase nickname
      nicknames bio biography profile tweet tweets thread posts status hashtag hashtags newsletter brochure
      commercial copy pitch logline trailer teaser title titles name names theme themes prompt voiceover
      podcast episode sitcom pilot play act comedy tragedy drama thriller romance mystery western horror
      fanfic fanfiction fantasy creature creatures species world worldbuilding greeting card cards message
      apology resignation complaint recommendation cover wishes congratulations obituary eulogies anniversary
      valentine wedding birthday retirement farewell roast pickup tongue twister jingles lore conversation
      interview mnemonic idea ideas concept mascot logo brand branding wordplay palindromes puns jokes
    `)
  ],
  [
    "fancy",
    words(`
      dragon wizard witch knight kingdom castle ghost haunted vampire werewolf alien spaceship robot detective
      pirate princess prince queen fairy magic magical enchanted villain hero superhero protagonist narrator
      character galaxy planet dystopian apocalypse zombie immortal demon devil angel lighthouse curse cursed
      prophecy sorcerer monster whimsical mysterious forest moonlight twist setting mood romantic romance noir
      gothic fantasy scifi fictional imaginary imagine metaphor imagery evocative funny humorous lonely
      forgotten ancient midnight storm dream dreams afterlife soul souls god death humans humanity earth
      mankind wakes awakens discovers powers superpower explorer astronaut time traveler traveller portal
      dimension parallel universe telepathy invisible giant giants dwarf elf elves orc goblin goblins troll
      trolls unicorn phoenix griffin mermaid mermaids siren nymph centaur minotaur samurai ninja cowboy outlaw
      bandit thief thieves assassin spy heist murder murderer killer corpse grave graveyard cemetery coffin
      cathedral abbey mansion attic cellar dungeon tower throne crown sword shield spell spells potion wand
      witchcraft mage mages warlock necromancer summon summoned demons angels heaven hell lucifer satan reaper
      reincarnated reincarnation chosen destiny fate quest journey rebellion rebels empire emperor overlord
      minion henchman sidekick nemesis aliens invasion starship colony colonists cyborg android ai sentient
      apocalyptic survivors survivor wasteland plague pandemic extinct abyss void shadow shadows darkness
      whispers whisper scream screams blood moon stars starlight dawn dusk twilight mist fog frost ember
      embers ash thorns ravens raven crow owl wolf wolves fox hedgehog teddy puppet doll clown circus carnival
      keeper sailor captain ship shipwreck treasure map island volcano jungle desert oasis suddenly awoke woke
      vanished discover realize realizes realise
    `)
  ],
  [
    "compose",
    words(`
      write compose invent imagine craft create pen draft narrate brainstorm describe tell make continue
      rewrite come generate design suggest give
    `)
  ],
  [
    "analyse",
    words(`
      summarize summarise summary analyze analyse analysis compare contrast comparison evaluate evaluation
      assess assessment critique critically extract classify categorize categorise identify infer inference
      conclude conclusion interpret interpretation examine discuss review synthesize synthesise highlight
      distill weigh argue justify rank diagnose determine explain outline implication implications tradeoff
      tradeoffs strengths weaknesses pros cons advantages disadvantages root causes factors bias assumptions
      takeaways takeaway gist tldr condense paraphrase recap judge rate label labels tag detect spot decide
      distinguish differentiate relate reflect consider relationship relation relations difference differences
      similarities similarity versus vs cause caused effect effects consequence consequences influence
      influenced impact impacts significance importance role reasons reason motive motives motivates moral
      lesson argues argument valid validity fallacy fallacies flaw flaws logical plausible convincing evidence
      support supports contradict contradicts ethical ethics ethically morally justified debate debates
      perspective perspectives viewpoint benefit benefits drawback drawbacks downside downsides merits
      criticism criticize criticise improve swot pestle overview breakdown summaries abstract bullet bullets
      highlights sarcastic sarcasm ironic irony formal informal persuasive tone emotion emotions stance
      polarity positive negative neutral mixed spam offensive hate toxic fact opinion category categories
      belongs belong group sort match feasible feasibility forecast trend pattern patterns anomaly anomalies
      outlier outliers correlation symbolism metaphor imagery narrator protagonist meant implies implied
      suggest suggests refer refers according mentioned stated states described
    `)
  ],
  [
    "matter",
    words(`
      passage article paragraph text excerpt report document review contract clause agreement argument
      sentiment theme themes transcript table data dataset trend trends survey tone claim claims evidence
      paper abstract study findings essay email memo statement feedback proposal policy headline speech
      interview press release quote context below above following attached sentence sentences entity entities
      reviewer editorial hypothesis entail entailment contradiction neutral premise quarterly revenue figures
      chart metrics customers respondents stakeholder stakeholders risk risks impact strategy story poem
      letter dialogue conversation utterance comment comments answer answers response responses description
      blurb notes minutes meeting message messages tweet post posts news newspaper journal column section
      chapter lines line quotation statements phrase phrases word words entry entries row rows reading source
      sources material documents statute regulation court ruling verdict plaintiff defendant lease tenant
      landlord liability warranty parties party employee employees employer company companies management
      shareholders investors earnings income operating fiscal margin cash debt assets patients trial
      participants sample methods results conclusion authors researchers experiment percent increased
      decreased rose fell declined
    `)
  ],
  [
    "fact",
    words(`
      capital president population author actor actress director river mountain currency country state city
      town founded born died invented discovered won winner award prize team club song album band film movie
      show episode season located tallest longest largest smallest highest deepest oldest fastest first last
      name names named called known date year century day month symbol element anthem flag language nickname
      king emperor minister governor mayor prime war battle treaty island ocean lake desert planet moon
      scientist inventor painter painting novel book writer poet composer singer played plays starred sang
      wrote directed painted released published premiered championship league cup olympics olympic medal nobel
      oscar grammy world nationality religion chemical atomic formula abbreviation acronym stand stands
      meaning mean term word species animal bird mammal bone organ continent border borders area code zip host
      hosted stadium university college museum company ceo founder owner brand headquarters height distance
      speed age wife husband son daughter mother father brother sister married surname forename birthplace
      birthday deathplace monarch pope saint apostle god goddess muse deity mythology greek roman norse
      constellation star comet galaxy telescope satellite rocket mission astronaut dynasty empire colony
      revolution independence constitution amendment parliament senate congress senator chancellor ambassador
      general admiral explorer navigator philosopher economist mathematician physicist chemist biologist
      architect sculptor designer discoverer coach captain goalkeeper quarterback pitcher striker player
      players tournament final finals finalist score scored goals record records title titles crown fifa nba
      nfl nhl mlb uefa grand slam wimbledon marathon hosts theme soundtrack lyricist lead vocalist guitarist
      drummer bassist single hit billboard chart label duo trio orchestra opera ballet musical broadway
      playwright novelist trilogy sequel prequel character voiced portrayed cast narrator network channel
      aired premiere finale debut debuted originated origin etymology synonym antonym plural opposite define
      definition definitions translate pronounced spelling abbreviated initials slang idiom proverb phrase
      alias pseudonym commonly unit measured measure length weight width depth temperature boiling melting
      freezing point mass density gravity diameter circumference lifespan gestation habitat breed breeds diet
      reptile amphibian insect fish genus family order phylum vitamin mineral hormone enzyme gland vein artery
      muscle nerve blood pressure pulse symptom symptoms disease diseases syndrome virus bacteria vaccine drug
      medicine dose treatment cure fear phobia gas liquid metal alloy acid base compound salt crystal rock
      gemstone volcano earthquake peninsula gulf strait bay canal bridge tower monument cathedral palace
      temple pyramid castle airport railway station highway street square park zoo province region county
      district village zone timezone dialing calling postal coin note stock exchange ticker headquartered
      subsidiary manufacturer model engine holiday festival celebrated patron established opened closed built
      completed dissolved signed abolished declared elected appointed succeeded assassinated executed buried
      divorced graduated studied educated ruled reigned commanded launched landed orbited circumnavigated
      climbed ascended
    `)
  ],
  [
    "place",
    words(`
      america american usa us uk england english british britain london france french paris germany german
      berlin italy italian rome spain spanish china chinese japan japanese tokyo india indian russia russian
      canada canadian australia australian brazil mexico egypt africa african europe european asia york
      california texas florida chicago washington scotland ireland irish greece greek roman iceland norway
      sweden denmark finland poland austria switzerland belgium netherlands holland portugal turkey israel
      iran iraq pakistan bangladesh nepal korea korean vietnam thailand indonesia malaysia philippines
      singapore argentina chile peru colombia venezuela cuba jamaica kenya nigeria ethiopia morocco algeria
      ghana sudan zimbabwe ukraine hungary romania bulgaria serbia croatia czech slovakia estonia latvia
      lithuania vienna madrid athens moscow beijing shanghai delhi mumbai sydney melbourne toronto boston
      seattle dallas houston atlanta miami detroit philadelphia pacific atlantic arctic antarctic antarctica
      mediterranean alps himalayas sahara amazon nile danube rhine thames mississippi hawaii alaska ohio
      michigan georgia virginia carolina jersey wales welsh scottish dutch swedish norwegian danish polish
      arab arabic hebrew latin persian ottoman soviet byzantine
    `)
  ],
  [
    "sum",
    words(`
      total altogether remaining remain left each per every percent percentage cost costs price prices priced
      discount sold sell sells buys buy bought spent spend spends earn earns earned pay pays paid save saved
      saves dollar dollars cent cents coins profit loss interest rate ratio average mean median speed distance
      miles mile kilometers kilometres km meters metres feet inches yards hours hour minutes minute seconds
      days weeks pounds kilograms kg grams liters litres gallons ounces apples oranges marbles cookies candies
      eggs books pencils pens stickers cards tickets boxes bags baskets bottles cups slices pizzas trees
      flowers chickens cows toys balls students children kids friends workers pages times more fewer less many
      much old age older younger twice equally divided split shared gave gives give receives received bakes
      ate eats drinks drove drives walks runs travels fare fee tax tip bill salary wage wages budget change
      loan principal compounded invested invest account bank deposit deposits withdraw withdrew tank fills
      filled empties pump pumps pipe leak leaks train trains cars car bus buses passengers seats seat rows row
      ride rides trip trips farm farmer field acres fence garden plant planted plants picked harvested ounce
      ton tons cup tablespoon teaspoon recipe flour sugar gallon quart pint inch foot yard mph kmh cm mm ml
      cm2 sq square baker bakery baked cake cakes pie pies cupcakes muffins donuts bread loaves bananas pears
      grapes strawberries berries tomatoes potatoes carrots fish hens dozens crayons notebooks markers stamps
      comics shelves shelf packs pack packages package bundles stacks pile piles jar jars bucket buckets crate
      crates carton cartons dozen pairs pair shirts shoes socks hats dresses dolls blocks beads necklaces
      bracelets quarters dimes nickels pennies score points games won lost scored votes classes classroom
      grade grades girls boys men women adults people cousins brothers sisters siblings uncle aunt neighbor
      neighbors daily weekly monthly yearly annually morning afternoon evening start end begins ended finished
      takes took needs need needed enough extra rest another additional combined together originally initially
      increased decreased reduced
    `)
  ],
  [
    "math",
    words(`
      equation equations polynomial derivative integral integrate differentiate limit matrix determinant
      eigenvalue vector probability triangle circle radius diameter perimeter area volume rectangle square
      cube cubic quadratic root roots prime primes integer integers digits digit divisor divisible
      divisibility modulo remainder factorial factor factors fraction decimal numerator denominator logarithm
      log exponent sine cosine tangent sin cos tan theta angle angles degrees hypotenuse polygon hexagon
      parallel perpendicular midpoint slope intercept coordinate coordinates plane axis parabola ellipse
      hyperbola sequence arithmetic geometric series sum product quotient permutation permutations combination
      combinations subset subsets set function domain range inverse graph real complex rational irrational
      positive negative nonnegative distinct satisfy satisfies satisfying value values expression theorem
      lemma proof prove converge converges diverge variance deviation expected dice die coin fair random
      chosen randomly urn algebra calculus geometry trigonometry congruent similar inscribed circumscribed
      chord arc sector secant bisector median altitude centroid incircle circumcircle vertex vertices edge
      edges face faces diagonal diagonals polyhedron tetrahedron pyramid prism cylinder cone sphere torus
      surface base height width length sides side rhombus trapezoid parallelogram kite pentagon octagon
      regular convex lattice points segment ray collinear reflection rotation translation dilation symmetric
      symmetry eigenvalues eigenvector rank nullity kernel basis span orthogonal projection transpose trace
      linear nonlinear quartic exponential logarithmic trigonometric periodic bounded continuous
      differentiable integrable convergent divergent supremum infimum limsup epsilon delta sums products lcm
      gcd gcf hcf multiple multiples factorization coprime relatively congruence modular residue palindrome
      binary octal hexadecimal nonzero consecutive even odd perfect whole natural cardinality bijection
      injective surjective group ring field homomorphism isomorphism subgroup abelian topology compact metric
      norm measure manifold gradient divergence curl laplacian fourier laplace transform taylor maclaurin
      binomial poisson gaussian normal uniform bernoulli distribution standard percentile quartile hypothesis
      confidence interval regression likelihood bayes conditional independent mutually exclusive events event
      outcome outcomes marbles cards deck spinner coins tosses flips heads tails maximum minimum maximize
      minimize optimum least greatest smallest largest possible ways arrangements arrange committee paths path
      grid ordered pairs pair triples triple terms term nth index simplest lowest exact nearest rounded tenth
      hundredth decimals percent x y z n k a b c
    `)
  ],
  [
    "solve",
    words(`
      solve calculate compute simplify evaluate find determine prove factor expand differentiate integrate
      estimate convert round express work show verify deduce derive graph plot sketch rationalize factorise
      factorize cancel substitute eliminate approximate rearrange multiply subtract add divide count
    `)
  ],
  [
    "greet",
    words(`
      hi hello hey hiya heya yo sup morning evening howdy greetings bye goodbye goodnight night cya thanks
      thank thx ty please sorry welcome cheers lol lmao haha hahaha hehe omg wow yeah yep yup nope nah ok okay
      cool nice awesome great ugh hmm huh oh ah aw aww damn dude bro bestie buddy pal gosh yay congrats aha
      alright alrighty hmmm umm um uh er erm tbh idk ikr imo fr ngl btw brb rofl xd hugs sweetie honey dear
      darling mate bud homie folks everybody guys friend kidding joking seriously literally honestly anyways
      yikes ouch oops whoa woah geez gee wowza welp meh eh heh hooray cheerio gday salut hola bonjour aloha
      namaste
    `)
  ],
  [
    "feel",
    words(`
      feel feeling feels felt love loved loves hate hated like likes liked enjoy enjoyed happy sad tired bored
      lonely excited nervous anxious worried stressed angry upset proud scared afraid jealous grateful glad
      miss missed cry cried laugh laughed annoyed frustrated exhausted sleepy hungry sick disappointed
      surprised embarrassed guilty ashamed hopeful relieved overwhelmed favorite favourite fun funny weird
      crazy terrible horrible amazing wonderful hurt hurts heartbroken broke lost grief grieving mad furious
      pissed sorry shame embarrassing awkward shy confident insecure envy envious thrilled stoked psyched
      delighted cheerful content calm relaxed peaceful hopeless helpless depressed depressing depression
      anxiety stress burnout panic panicking freaking terrified terrifying scary nightmare nightmares creepy
      gross disgusting disgusted shocked stunned amazed impressed inspired motivated lazy unmotivated restless
      homesick nostalgic sentimental touched moved adorable cute sweet lovely beautiful gorgeous handsome ugly
      awful worst best perfect wish hope hoping believe trust trusted betrayed cheated dumped crush crushing
      forgive forgave apologize blame annoying irritating rude mean nice kind caring supportive appreciate
      appreciated thankful blessed lucky unlucky
    `)
  ],
  [
    "life",
    words(`
      today tonight yesterday tomorrow weekend week monday friday saturday sunday mom mum dad parents family
      wife husband boyfriend girlfriend friend friends kids son daughter brother sister cat dog puppy kitten
      pet job boss work coworker school college class exam home house apartment car vacation trip beach hiking
      gym coffee lunch dinner pizza movie movies music concert game games hobby hobbies weather rain snow
      birthday party wedding date sleep bed lately recently hang hangout chat talk talking doing going wanna
      gonna gotta guess think thought grandma grandpa grandmother grandfather nana granddaughter grandson
      niece nephew cousin aunt uncle twins baby toddler teenager teen fiance fiancee ex exes roommate
      roommates neighbor neighbors neighbour classmate classmates teacher teachers professor colleague
      colleagues coworkers manager interview interviewed promotion promoted fired hired quit quitting retire
      retired retirement university freshman sophomore exams finals homework graduated graduation dorm move
      moved moving rent landlord mortgage bought adopt adopted rescue shelter vet walk walks walking run
      running jog jogging yoga swim swimming bike biking cycling fishing camping hike cooking baking gardening
      knitting painting drawing guitar piano drums sing singing dance dancing band concerts festival netflix
      tv show shows series binge anime manga gaming playstation xbox nintendo minecraft football soccer
      basketball baseball hockey tennis team spring summer fall autumn winter christmas thanksgiving halloween
      easter holiday holidays flight airport cruise road camp cabin mountains ocean lake tea breakfast snack
      dessert chocolate icecream burger sushi tacos steak wine beer bar pub club restaurant hospital doctor
      dentist surgery diagnosed accident crashed broke stolen lost found surprise surprised happened remember
      remembered tell told said says talked texted called ignored ghosted dated single married divorce
      divorced engaged pregnant living live lives grew raised born old years
    `)
  ],
  [
    "advise",
    words(`
      translate translation recipe recommend recommendation advice tips plan schedule itinerary budget steps
      guide best way ways should ideas improve learn prepare choose clean fix remove cook workout meal diet
      travel visit resume interview healthy habit routine checklist fixing repair install replace choosing buy
      buying invest investing retire save saving lose losing gain weight exercise exercises stretch stretches
      sleep reduce increase avoid prevent deal handle manage overcome cope start starting begin beginner
      beginners tutorial instructions procedure process prep menu grocery shopping list packing pack
      suggestions suggestion recommended recommendations options alternative alternatives gift gifts present
      presents restaurants hotels places things activities curriculum lesson syllabus agenda timeline roadmap
      strategy spanish french german italian japanese chinese korean portuguese russian english into
    `)
  ],
  [
    "layout",
    words(`
      instruction instructions input response question answer options option choices task prompt assistant
      human user system note example examples problem context step
    `)
  ],
  [
    "restyle",
    words(`
      rewrite rephrase reword restyle paraphrase polish shorten lengthen expand simplify adapt transform turn
      convert style voice tone sound sounds sounding funnier friendlier friendly professional professionally
      formal informal casual polite politely persuasive engaging catchy punchy witty humorous sarcastic
      dramatic poetic shakespeare shakespearean hemingway pirate yoda cheerful warm heartfelt playful quirky
      whimsical vivid suspenseful creative original unique clever sparkle flair
    `)
  ],
  [
    "society",
    words(`
      economy economic economics inflation unemployment tax taxes taxation policy policies government
      governments democracy democratic capitalism socialism communism feudalism liberalism nationalism
      imperialism colonialism fascism populism monarchy republic federalism constitution law laws legal rights
      justice crime prison punishment police war wars peace military terrorism refugees migration immigration
      globalization globalisation industrialization urbanization trade tariffs sanctions poverty inequality
      welfare healthcare education schools religion religious christianity islam buddhism hinduism judaism
      philosophy philosophical utilitarianism deontology existentialism stoicism ethics culture cultural
      society societies social media technology technological internet privacy surveillance artificial
      intelligence automation climate environment environmental pollution emissions renewable fossil nuclear
      solar energy biodiversity deforestation sustainability agriculture gender feminism race racism slavery
      abolition suffrage civil labor labour union unions strike class elite aristocracy peasants revolution
      revolutions reform reforms reformation renaissance enlightenment industrial medieval century modern
      postmodern romanticism realism impressionism novel literature literary gatsby hamlet macbeth
      frankenstein odyssey orwell plato aristotle kant nietzsche marx freud hobbes locke rousseau keynes
    `)
  ],
  [
    "unit",
    words(`
      cm mm km kg mg ml lb lbs oz ft mph kmh celsius fahrenheit kelvin watt watts volt volts amp amps ohm
      joule joules newton newtons pascal pascals hertz mole moles radians degrees acre acres hectare hectares
    `)
  ],
  [
    "given",
    words(`
      tom mary john sarah jane james bob alice sam emma lily jack ben anna david peter mike michael susan
      karen lisa kate emily mia noah liam olivia ava sophia ethan lucas carlos maria jose juan luis ana sara
      jenny jessica ashley amanda kevin brian mark paul george henry charlie max leo tim tony jerry carol
      betty nancy linda janet julie julia laura rachel hannah grace ella chloe zoe ryan josh matt andrew
      daniel joe jim bill steve fred frank gary greg ann amy beth carla dora eva mei raj priya omar ali fatima
      ahmed
    `)
  ]
]
