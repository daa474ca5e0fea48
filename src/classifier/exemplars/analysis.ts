/**
 * Exemplars of analysis: judging, comparing, classifying, summarising, extracting and explaining, mostly over
 * something attached. How to label, and what the forms mean, stands in Exemplar.ts.
 */
import { type Exemplar, exemplars } from "./Exemplar.ts"

export const analysis: ReadonlyArray<Exemplar> = exemplars({
  bare: [
    "If all grobs are trills and no trill is a snark, can a grob be a snark?",
    "If some poets are bakers and all bakers rise early, do some poets rise early?",
    "All of the blue boxes are heavy. This box is heavy. Is it blue?",
    "Every member of the club plays chess. Iris doesn't play chess. Is Iris a member?",
    "You have nine coins, one of them lighter. How do you find it with two weighings on a balance?",
    "A man must take a wolf, a goat and a cabbage across a river in a small boat. How does he do it?",
    "Two guards stand by two doors; one of them always lies. What one question tells you which door is safe?",
    "What's the theme of The Road Not Taken?",
    "What do the witches tell us about ambition in Macbeth?",
    "How does inflation relate to interest rates?",
    "What is the relationship between poverty and crime?",
    "What are the moral problems of cloning a pet?",
    'Is this sentence rude: "I don\'t know why I bother telling you"?',
    'Which words give away the writer\'s opinion in "the so-called reform was pushed through at midnight"?',
    'Point out what\'s weak about this thesis: "Cars are bad since they cause problems."',
    "Evaluate the claim that homework improves results.",
    "Assess whether the welfare state makes people lazy.",
    "Sort these into renewable and not: coal, wind, peat, tides, uranium, sun.",
    "Which of these are reptiles: newt, gecko, frog, turtle, eel, adder?",
    "Was the bombing of Dresden justified?",
    "Were the Luddites right to fear the machines?",
    "Should zoos be abolished?",
    "Is a four-day week a good idea for hospitals?",
    "Is it fair that inherited wealth is taxed?",
    "Does money make people happier?",
    "Did railways do more for cities or for the countryside?",
    "Was Napoleon a reformer or a tyrant?",
    "Why do democracies find it so hard to plan for the long term?",
    "Why did the Ottoman Empire decline?",
    "Why do some languages die out while others spread?",
    "How does gossip hold a small community together?",
    "How did the potato change the history of northern Europe?",
    "How are Buddhism and Stoicism alike, and where do they part?",
    "To what extent was the Cold War a clash of ideas?",
    "What drives young people away from the countryside?",
    "What would follow if every country opened its borders tomorrow?",
    "What makes Macbeth a tragic figure rather than a villain?",
    "What does the whale stand for in Moby-Dick?",
    "Which mattered more in the fall of the Aztecs, steel or smallpox?",
    "How convincing is the argument that the state should never borrow?",
    "Weigh the case for and against a tax on sugar.",
    "Explain how the voting system shapes the number of parties.",
    "Explain why housing gets dearer in cities that lose inhabitants.",
    'Do the questions "What is the best way to peel garlic?" and "How do I peel garlic fast?" ask the same thing?',
    "Are these two sentences paraphrases? S1: The bill was passed by a narrow margin. S2: Parliament only just approved the law.",
    'Would someone looking for "how do I change a tyre" be helped by the answer to "how do I change a bicycle tube"? Say whether the two are duplicates.',
    "Do a SWOT analysis for a small winery that wants to sell online.",
    "Carry out a PEST analysis of the electric scooter market.",
    "Provide a cost-benefit analysis of moving a bakery's production to the night.",
    "Perform a stakeholder analysis for the closing of a village school.",
    "Explain how the setting on an island affects the plot of a mystery novel.",
    "Explain why foreshadowing matters in a tragedy.",
    "Explain the function of the chorus in Greek drama.",
    "How does the use of the present tense change the effect of a story?",
    "Why do stories about orphans appeal to so many readers?",
    "Discuss the role of the unreliable witness in detective fiction.",

    "How do rising interest rates affect house prices and tenants?",
    "What explains the decline of the Hanseatic League?",
    "Why are some countries rich in oil poorer than their neighbours?",
    "How does sleep deprivation affect judgement, and why is it hard to notice in oneself?",
    "Why do we remember songs from our youth better than those we heard last year?",
    "Explain the causes of the First World War and weigh which of them mattered most.",
    "Compare the economic policies of Keynes and Friedman.",
    "What are the pros and cons of a four-day working week for a small firm?",
    "Analyse how the narrator's unreliability shapes the reader's view of Wuthering Heights.",
    "Why did the Roman Republic turn into an empire?",
    "Discuss the ethical problems of using facial recognition in schools.",
    "Explain why inflation often rises after a large devaluation.",
    "Evaluate the claim that zoos do more good than harm.",
    "How does the placebo effect complicate clinical trials?",
    "Classify each of these as a fruit or a vegetable: beetroot, quince, leek, fig, parsnip.",
    "Identify which of these animals lay eggs: platypus, otter, gecko, bat, kiwi.",
    "What are the strengths and weaknesses of qualitative research compared with surveys?",
    "Assess the likely effects of a sugar tax on low-income households.",
    "Why do some languages lose their case endings while others keep them?",
    "Explain the significance of the Treaty of Westphalia for international law.",
    "Compare renting with buying a home from a financial point of view.",
    "How did the printing press change the balance of power between church and state?",
    'Is the argument "everyone I know loves it, so it must be good" valid? Explain the fallacy.',
    "What does the green light stand for in The Great Gatsby?",
    "Analyse the competitive position of a regional airline facing a low-cost rival.",
    "What differentiates a common-law system from a civil-law one, and what follows for contracts?",
    "Why do people in cold countries drink more coffee?",
    "Why do cats purr, and what good does it do them?",
    "How do vaccines train the immune system?",
    "What are the main arguments for and against the death penalty?",
    "Why is it harder to lose weight than to gain it?",
    "Explain how supply and demand settle the rent in a growing city.",
    "What impact did the invention of the stirrup have on medieval warfare and society?",
    "Tell me which of these are birds and which are mammals: puffin, dugong, kestrel, vole, ibis.",
    "Why do birds fly in a V?",
    "Explain how a recession spreads from one country to another.",
    "What would happen to the climate if the Gulf Stream weakened, and how sure are scientists of it?",
    "Why did the price of tulips collapse in 1637?",
    "How does Orwell use the pigs in Animal Farm to criticise power?",
    "Compare the digestive systems of cows and horses.",
    "Which of the following are herbs and which are spices: cumin, basil, nutmeg, thyme, clove, mint?",
    "What are the advantages and drawbacks of studying abroad?",
    "Explain the difference between correlation and causation with examples.",
    "Is it morally wrong to eat animals? Present both views.",
    "Why do bridges sway in the wind, and why did one of them collapse because of it?",
    "Describe the main differences between Protestant and Catholic teaching on salvation.",
    "How do tides arise, and why are there two of them a day?",
    "Evaluate the impact of microcredit on poverty in rural regions.",
    "Identify the odd one out and explain why: violin, cello, flute, viola.",
    "Why did people in the Middle Ages build cathedrals that took centuries?",
    "What does it mean to say that science is falsifiable, and is history?",
    "Discuss why coalition governments are common in some countries and rare in others.",
    "Explain the role of the chorus in Greek tragedy.",
    "How did the discovery of oil change the society of Norway?",
    "Sort these cities by continent: Lagos, Lima, Lyon, Lahore, Lusaka, La Paz.",
    "What motivates the monster in Frankenstein to take revenge?",
    'Why is there something wrong with the inference "all swans I have seen are white, so all swans are white"?',
    "What lessons can a small bakery draw from the success of big chains?",
    "Break down the argument of the first chapter of Rousseau's Social Contract.",
    'Determine whether this statement is a fact or an opinion: "Lisbon is the most beautiful capital of Europe."',
    "Explain why antibiotics don't help against viruses.",
    'What is the difference in meaning between "must" and "should" in a contract?',
    "What are the main reasons why small businesses fail in their first years?",
    "What role did religion play in the colonisation of South America?",
    "What are the moral implications of cloning pets?",
    "What drives Raskolnikov to confess?",
    "What can history teach us about pandemics?",
    "What makes a constitution last?",
    "What effects does a strike have on a company's reputation?",
    'What does the ending of "Waiting for Godot" suggest about hope?',
    "What is the relationship between education and democracy?",
    "How does social class shape the characters in Pride and Prejudice?",
    "How did the railways transform the American West?",
    "How do central banks influence unemployment?",
    "How does lack of sleep affect decision-making?",
    "How might self-driving lorries change the labour market?",
    "How reliable are eyewitnesses in court, and why?",
    "How has the image of the hero changed from Achilles to the modern antihero?",
    "Why did so many artists of the nineteenth century turn to the East?",
    "Why do we find some faces beautiful?",
    "Why has Japan had low inflation for decades?",
    "Why are coral reefs so rich in species?",
    "Why is competition between universities a mixed blessing?",
    "Why did the Aztec empire fall so quickly?",
    "Why do people vote against their own interest?",
    "In what ways did the telegraph change warfare and trade?",
    "In what respects do jazz and classical improvisation differ?",
    "Which is the more sustainable packaging, glass or cardboard, once transport is counted?",
    "Should voting age be lowered to sixteen? Give arguments on both sides.",
    "Should companies be held liable for what their algorithms decide?",
    "Does money make people happy? Review the evidence.",
    "Is Shylock a villain or a victim?",
    "Describe the consequences of deforestation for local rainfall.",
    "Describe the structure of the argument in Mill's essay on liberty.",
    "Describe how memory works and why we forget.",
    "Outline the key differences between fiscal and monetary policy.",
    "Group these words by meaning: swift, enormous, rapid, tiny, huge, fast, minute.",
    "Categorize each item as living or non-living: coral, lava, yeast, pearl, mushroom.",
    "Which of these are prime ministers and which are presidents: Merkel, Macron, Meloni, Lula?",
    "Put these events in order and explain how each led to the next: the Tennis Court Oath, the storming of the Bastille, the Terror.",
    'Tell me whether each of these sentences is active or passive: "The cake was eaten." "Dogs bark."',
    'Identify the logical fallacy in this statement: "If we allow homework on tablets, soon nobody will be able to write."',
    'Determine the sentiment: "The battery lasts for ever, though the case scratches if you look at it."',
    "How does the setting of Wide Sargasso Sea reflect the heroine's state of mind?",
    "How does Chekhov use silence on the stage?",
    "How does the film's colour palette tell us who has power?",
    "How did the Black Death change the bargaining power of labourers?",
    "How did the Meiji reforms turn Japan into an industrial power?",
    "How did colonial borders shape today's conflicts in the Sahel?",
    "How does the immune system tell friend from foe?",
    "How does a vaccine differ from a treatment in what it does for a population?",
    "How do plants cope with drought, and at what cost?",
    "How do rising interest rates affect families with a mortgage, and how firms with debts?",
    "How does stress harm the heart over the years?",
    "How does peer pressure influence the choices of adolescents?",
    "How does the electoral system shape the number of parties?",
    "How far did the Enlightenment cause the American Revolution?",
    "What role did women play in the Chartist movement?",
    "What role does chance play in evolution?",
    "What makes Iago such a convincing liar?",
    "What makes a monopoly harmful, and is it ever a good thing?",
    "What drives the narrator to confess at the end of the tale?",
    "What explains the rise of populism in rich democracies?",
    "What explains the gap between men's and women's wages?",
    "What is the significance of the mirror in the last stanza?",
    "What is the theme of loneliness doing in Of Mice and Men?",
    "What does the author imply about marriage in the opening chapter?",
    "What tensions run through the Declaration of the Rights of Man?",
    "What were the long-term effects of the enclosure of common land?",
    "What led to the fall of the Weimar Republic, and could it have been prevented?",
    "What are the arguments against inherited wealth?",
    "What can be said for and against keeping the monarchy?",
    "What are the implications of an ageing population for housing?",
    "Why did the League of Nations have no army, and did this matter?",
    "Why does Antigone defy the king?",
    "Why do prices in shops end in ninety-nine?",
    "Why do leaves change colour in autumn?",
    "Why is bilingual schooling controversial?",
    "Why did the Industrial Revolution lower living standards at first?",
    "Is Creon a tragic hero?",
    "Is a flat tax fair? Weigh the arguments.",
    "Is globalisation to blame for the decline of old mill towns?",
    "Should museums charge for admission? Discuss.",
    "Should rich nations forgive the debts of poor ones? Present the case for and against.",
    "Are social media a threat to democracy?",
    "Was the Congress of Vienna a success?",
    "Can a war be just?",
    "Do longer prison sentences reduce crime?",
    "Describe the social consequences of the Irish famine.",
    "Describe the differences between classical and operant conditioning, with an example of each.",
    "Describe the relationship between the two sisters in Middlemarch.",
    'Explain the irony in the title of "A Modest Proposal".',
    "Explain how earthquakes and volcanoes are linked to the movement of plates.",
    "Sort these foods by main nutrient (protein, fat, carbohydrate): lentils, butter, rice, eggs, walnuts, potatoes.",
    "Which of these are mammals and which are fish: dolphin, tuna, seal, shark, manatee?",
    "Which of these instruments are played with a bow, and which are plucked: viola, harp, lute, fiddle?",
    'Tell apart cause and effect in this sentence: "The ice was thin, for the winter had been mild."',
    "Arrange these in order of importance for a safe building site, and justify it: helmets, training, fences, signs."
  ],
  terse: [
    'tone of "as you\'re surely aware"',
    "is this spam: you have won a cruise",
    "ethics of eating octopus",
    "pros and cons of renting",
    "main argument of the leviathan",
    "feminist reading of jane eyre",
    "effects of tourism on venice",
    "themes in wuthering heights",
    "nuclear vs wind power, pros and cons",
    "compare mitosis and meiosis",
    "why did prohibition fail",
    "impact of automation on clerical jobs",
    "arguments for and against school uniforms",
    "keynes vs hayek",
    "symbolism of the mockingbird",
    "was brutus a traitor?",
    "SWOT of a family-run bookshop",
    "nuclear vs wind: cost, risk, land use",
    "causes and consequences of the Dust Bowl",
    "Hamlet's delay: reasons",
    "stakeholder analysis, new tram line",
    "Marx and Weber on class, compared",
    "implications of negative interest rates",
    "themes in Frankenstein",
    'sentiment: "Took two weeks to arrive and the box was crushed."',
    "root cause analysis late deliveries",
    "feudalism vs capitalism key differences",
    "critique of utilitarianism",
    "positive or negative? the pasta was cold but the staff were lovely",
    "risk assessment for an outdoor concert",
    "impact of remote work on city centres",
    "main idea of the text above?",
    "deontology vs consequentialism",
    "Brexit economic effects",
    "compare Athens and Sparta",
    "ELI5: why do we yawn",
    "causes of the French Revolution, ranked",
    "pros cons electric cars",
    "theory of mind in apes: evidence for and against",
    "Porter's five forces, airline industry",
    'fact or opinion: "Tax is theft."',
    "Plato's cave interpretation",
    "compare RNA and DNA",
    'topic of this sentence: "Rates rose again as the bank tightened."',
    "consequences of the Treaty of Versailles for Germany",
    "Kant vs Mill on lying",
    "why did Carthage lose",
    "metaphor in line 3?",
    'intended audience of this ad: "For knees that remember the seventies."',
    "urban sprawl: drivers, effects, remedies",
    "strengths weaknesses case study method",
    "summary of the argument, please",
    "symbolism of water in Beloved",
    "consequences of the Opium Wars",
    "Gatsby as unreliable dream",
    "effects of caffeine on sleep: evidence",
    "rise and fall of the Hanseatic League, reasons",
    'imagery in "Ode on Melancholy"',
    "free trade or tariffs: arguments",
    "inflation causes and remedies"
  ],
  sloppy: [
    "was the moon landing worth the money? im not sure what to think",
    "so who was more to blame for the divorce here, him or her? he worked nights and she never told him she was unhappy",
    "whats better for a small shop in the long run, cash only or cards too? fees are 1.5 percent",
    "tldr pls: my neighbour cut my hedge while i was on holiday, says it blocked his sun, now he wants me to pay for the skip he put the cuttings in and my wife thinks we should just pay",
    "gist of this in one line?? the committee met twice, agreed on nothing, and postponed the vote until the auditors report in june",
    "is this review good or bad: food ok, waiter a bit rude, would maybe go again",
    "can u tell me if this sounds rude: 'as i already said, the file is in the folder'",
    "why did the soviet union collapse can u explain the main reasons",
    'is this review good or bad: "meh, wouldnt buy again but it does what it says"',
    "whats better for the environment, real xmas tree or plastic one and why",
    "explain to me why rich countries have less babies",
    "summarize this for me pls its too long: the council met on monday and after three hours of debate decided to postpone the vote on the new bypass because the noise report was missing, some members was angry and left early",
    "compare iphone and android in terms of privacy",
    "which of these is a planet and which is a moon: titan, venus, io, mars, europa",
    "whats the main argument of the article below and is it convincing",
    "explain pros n cons of nuclear energy in easy words",
    'tell me what the author means with "the river remembers" in the poem under',
    "why do people believe in conspiracy theories",
    "what were the effect of black death on the wages of peasant",
    'is this spam or not: "CONGRATS!!! you won a voucher, click here in 24h"',
    "how did geography influence the ancient egypt civilisation",
    "whats the difference between socialism and communism explain deep",
    "why is the sky red at sunset and blue at noon",
    "analyze the character of lady macbeth pls",
    "give me sumary of this text in 3 lines: the old mill burned down on friday, nobody was hurt, police think it was arson because two canisters were found near by and the owner had debts",
    'does this two sentence mean the same? "he barely passed" "he nearly failed"',
    "why do we dream whats the science behind",
    "explain how the stock market crash 1929 happen",
    "is zoo good or bad write both side",
    "what is the theme of the old man and the sea",
    "which one dont belong and why: apple banana carrot grape",
    'positive or negative sentiment: "cant believe how fast it came, 10/10"',
    "compare between democracy and dictatorship",
    "what can we conclude from the text",
    "how did ww2 change the role of women",
    "why is the dead sea so salty and why do u float",
    "whats the moral of the tortoise and the hare",
    "classify this animals into mammals and reptiles: turtle, dolphin, gecko, whale, snake",
    'explain the poem "my heart is a locked drawer, you were the only key, rusted" what does it mean',
    "tell me if this news is fake: scientists find that chocolate cures baldness",
    "does exercise help depression what does the research say",
    "what r the key takeaways of the report below",
    "what is the main difference of mitosis and meiosis and why it matter",
    "how does the water cycle work explain",
    "why is gold so valuable",
    "what are the effects of social media on mental health of teens",
    "how did the cold war end and who won",
    "what are advantages and disadvantage of solar power",
    "why did hitler came to power explain short but good",
    'what does this quote mean "man is born free and everywhere he is in chains"',
    "what lesson does the story teach, the one of the boy who cried wolf",
    "summarise it pls: our trip to the coast was cancelled since the bus had a broken axle, so we went to the zoo, where it rained, but the kids liked the otters best",
    'is this sentence happy or sad "she folded his shirts one last time"',
    "which of these is more logical and why: tax sugar or tax fat",
    "what is the theme of lord of the flies and how is it shown",
    "how did the roads of the romans help the empire",
    "why was the treaty after ww1 so unfair for germany",
    "how does pollution affect fish in rivers",
    "what was the impact of tv on american politics",
    "how is macbeth different from banquo",
    "why do some countries drive left",
    "does the article sound biased or neutral to you",
    "is uniforms in school good or bad idea give reasons both side",
    "what were the main effects of the gold rush",
    "tell the difference of weather and climate and why people mix it up",
    "explain how inflation hurts poor people more"
  ],
  spoken: [
    "So our landlord has given us two choices, either we stay and the rent goes up by ninety a month, or we move into the flat upstairs, which is cheaper but has no lift, and my knees aren't great. Which of the two makes more sense, do you think, and why?",
    "I read somewhere that people who drink wine live longer, and my uncle keeps repeating it. But isn't it just that people who drink wine are richer? Help me see what's wrong with the reasoning, if anything.",
    "We put up the price of the season ticket by eight percent in spring, and by autumn we'd sold a tenth fewer. The treasurer says it was a mistake. Was it? What would one need to look at?",
    "My daughter had to read the story of the boy who cried wolf and asked me what it's really about, and I said lying, and she said no, it's about grown-ups who don't listen. Who's got the better case?",
    "I've been reading about universal basic income and I can't make up my mind, so could you lay out the strongest arguments on both sides and say where the evidence is thin?",
    "So our sales dropped by a fifth after we changed the packaging, but the same month a competitor opened across the road, and I'd like to know how I could tell which of the two it was.",
    "Okay, here's a review a guest left us: \"Lovely view, but we couldn't sleep for the noise from the kitchen.\" Would you say that's mostly positive or mostly negative?",
    'Could you go through this contract clause with me and tell me what it really obliges me to do? It says: "The tenant shall keep the premises in good repair, fair wear and tear excepted."',
    "We read Antigone in class and my teacher said that both she and Creon are right. How can that be?",
    "I keep hearing that correlation isn't causation, and there's this study saying that people who own pianos live longer, so what might be behind that?",
    "Right, so I have two job offers on the table for the company's pension fund manager, and I'd need a comparison of defined benefit and defined contribution schemes from the employer's point of view.",
    "My colleague says that since crime fell after the cameras were put up, the cameras work. What's wrong with that reasoning, if anything?",
    "I'm preparing for a debate on whether voting should be compulsory, and I've been given the \"against\" side. What would be the three arguments that hold up best, and how will the others attack them?",
    'So this is what my son\'s teacher wrote about him: "Leo is lively, likes to talk, and would profit from finishing what he begins." What is she really saying?',
    "Right, there are these two poems about autumn, one by Keats and one by Rilke, and I'm meant to compare how they treat time. Where would I start?",
    "People always say the Romans fell because of lead pipes. Does that theory stand up, do you think, if you look at the evidence?",
    'Could you boil this down for me? Our head office says that "going forward, discretionary travel shall be subject to enhanced prior approval with a view to cost containment."',
    "I don't quite see why a strong currency should be bad for exporters. Could you take me through the reasoning?",
    "So the vet gave us the blood results and the phosphorus is high while everything else is normal, and I would like to understand what could explain that in an old cat.",
    "I'd like your view on this argument: since the lottery has to be won by somebody, it's rational to buy a ticket.",
    "We've got a proposal to merge two schools, one's half empty and the other is bursting. What would speak for it and what against?",
    'Help me understand what this sentence in my insurance policy is getting at: "Cover is excluded where the insured peril is foreseeable by a prudent person."',
    "I read that countries which eat more chocolate win more Nobel Prizes. There's got to be a catch, what is it?",
    "So my essay's on whether Brutus is a hero or a traitor. How could one argue each side?",
    "Why is it, do you think, that minority languages die out even where they're protected by law?",
    "My electricity bill went up by a third though I used less than last year. I've got both bills here: 2021, 2,900 units, 31 cents; 2022, 2,600 units, 46 cents. What explains the rise, the price or the usage?",
    "Someone told me that the more firemen come to a fire, the greater the damage, so firemen cause damage. What's the mistake there?",
    "I'm looking at two candidates for treasurer, one strict and disliked, one popular and sloppy. How would you weigh that up for a sports club?",
    "I'm trying to understand why the crusades happened at all. Was it faith, land, or boredom?",
    "We've been discussing whether homework does any good. What do studies say, and where do they disagree?",
    "So in this poem he keeps coming back to the closed window. What might that be about?",
    "Could you explain to me how the electoral college came about, and why people are still fighting over it?",
    "My book club can't agree on whether Anna Karenina is to blame for her own fate. What do you think can be said on both sides?",
    "I've always wondered why deserts are found where they are. What's behind that?"
  ],
  formal: [
    "Critically examine the assertion that technological progress inevitably reduces employment.",
    "Provide an executive summary of the attached minutes, highlighting decisions and open points.",
    "Judge how sound the argument below is, both in its logic and in the facts it relies on.",
    "Examine the constitutional implications of delegating legislative power to agencies.",
    "Determine whether the hypothesis is entailed by the premise, contradicted by it, or neither.",
    "To what extent was appeasement a rational policy in the circumstances of 1938?",
    "Evaluate the internal and external validity of a study that recruits its participants through social media.",
    "Elaborate upon the differences between mitosis and meiosis and their consequences for genetic variation.",
    "Extract all parties, dates and amounts from the agreement reproduced below.",
    "Analyse the rhetorical devices employed in the closing paragraph.",
    "Account for the decline of the guild system in early modern Europe.",
    "Assess whether the findings of a survey with a response rate of nine per cent can be generalised.",
    "Compare and contrast the foreign policies of Bismarck and his successors.",
    "Interpret the symbolism of the wallpaper in Gilman's story.",
    "Analyse the factors that determine the price elasticity of demand for public transport.",
    "Discuss the doctrine of consideration in the law of contract and its exceptions.",
    "Examine the interplay between supply chains and geopolitical risk, with reference to semiconductors.",
    "Interpret the following finding: the treatment group improved by 12 points, the control group by 11 (p = 0.46).",
    "Assess the reliability of Herodotus as a source for the Persian Wars.",
    "Determine the stance of the author towards vaccination mandates in the text supplied.",
    "Categorise the listed risks by likelihood and severity, and substantiate the classification.",
    "Explain the theoretical distinction between sex and gender in sociological literature.",
    "How did the abolition of the Corn Laws alter British politics?",
    "What role did the monasteries play in preserving ancient learning?",
    "How does the structure of Ulysses relate to that of the Odyssey?",
    "What considerations ought to guide the allocation of scarce donor organs?",
    "Why did industrial policy succeed in South Korea but not elsewhere?",
    "Describe the mechanisms by which cells repair damaged DNA."
  ],
  persona: [
    "You are a literary critic. Interpret the role of weather in King Lear.",
    "Act as a management consultant: what would you look at first in a hospital whose waiting times doubled within a year?",
    "You are a historian of science. Explain why heliocentrism took so long to be accepted.",
    "As a lawyer, assess whether an oral promise to sell a horse is enforceable.",
    "You are a data analyst. I will give you monthly figures and you tell me what stands out.",
    "You are a fact-checking assistant. Decide whether the evidence supports the claim, refutes it, or is not enough.",
    "Imagine you are an economist advising a small island state: should it adopt the currency of its big neighbour?",
    'You are an annotator. Label each message as complaint, question, praise or other. Message: "Where can I find the size chart?"',
    "As a sociologist, explain how social media change friendship among teenagers.",
    'You are a debate coach. Point out the weakest step in this argument: "We banned phones, and grades rose; hence phones were the cause."',
    "You are a film critic. Compare how two directors of your choice use silence.",
    "Act as an equity analyst: explain what a falling inventory turnover tells you about a furniture chain.",
    'You are a text classifier. Assign exactly one of the labels {billing, technical, cancellation} to this ticket: "I was charged twice in June."',
    "As a biologist, explain why male peacocks evolved such costly tails.",
    "You are an epidemiologist. Discuss what might bias a study on coffee and heart disease.",
    "You are a teacher marking essays. Give feedback on the structure and argument of the text I send.",
    "You summarise news for busy readers. Give the gist of what I paste in at most forty words.",
    "You are a political scientist. Explain why turnout is lower in local elections.",
    'You are a careful reader. Answer from the text alone; if it isn\'t in the text, say so. Text: "The ferry leaves at six, except on Sundays." Question: when does it leave on Sundays?',
    "Act as an art historian and compare two ways of painting light: Vermeer's and Turner's.",
    "You are a risk officer. What could go wrong if we let customers pay in instalments without a credit check?",
    "You're an expert witness on bridges: what do cracks along the bearing tell you?",
    "You are a critic for a newspaper. Assess whether the new opera house is worth what it has cost.",
    'You are a content moderator. Decide if this comment breaks the rule against threats, and justify it: "You\'ll regret this when the exam comes, trust me."',
    'You are a reading teacher. Ask and answer the three most important questions about this text: "The wind took the letter before she had read the last line."',
    "Act as a geologist and explain how one can tell an old landslide from a moraine.",
    "As a psychologist, interpret why people give more to one named child than to a thousand unnamed ones.",
    'You are an extraction engine. Return the job title, salary and place: "Baker wanted, Leith, nights, 29k, own knife welcome."',
    "You are a professor of literature. What is the function of the storm in The Tempest?",
    "As a historian, tell me how the spice trade shaped the cities of the Gulf.",
    "You are a physician explaining to students: why does smoking damage the arteries?",
    "You are a political analyst. What explains the fall of turnout among the young?",
    "You are a science journalist. How do antibodies recognise a virus?"
  ],
  long: [
    "Two people at our club have applied to run the youth section. One has coached for eleven years, is strict and well liked by the parents, but she has said that she'll retire in two. The other is twenty-six, has no licence yet, and half of the children already follow him around. The board wants stability, the children want fun, and the parents want results. Judge both candidates against these three wishes and say whom you would choose and what speaks against your own choice.",
    "A bakery sells its bread at 3.20 and makes 40 cents on each loaf. The supermarket next door has begun to sell a similar loaf at 2.10. The owner thinks of cutting her price to 2.60, her daughter thinks of raising it to 3.90 and baking with old grains only. About 600 loaves go each day, half of them to regulars. Discuss both plans, their risks, and which facts would decide between them.",
    "In our office everybody may choose on which two days they work from home. Almost all choose Monday and Friday. Management now says that Wednesdays are chaos, that desks are short in midweek and that the canteen loses money at both ends. They propose fixed days by department. The staff council calls this a breach of trust. What are the real interests on each side, and where could a compromise lie?",
    "A town of forty thousand closed its main street to cars two years ago. Since then footfall has gone up by a third, but several long-standing shops have shut, rents have risen, and the bus that used to pass through now takes ten minutes longer. The mayor calls it a success; the chamber of commerce calls it a disaster. Which figures would you need in order to judge, what are the confounders, and what would you conclude provisionally from what is known?",
    'The following appeared in a memorandum from the director of a chain of swimming pools: "Last year we lowered the temperature of the water by one degree in our northern branch, and the number of visitors there rose by eight per cent. We should therefore lower the temperature in all our branches, which will both save energy and attract more visitors." How sound is this argument? Say what it silently takes for granted, and what facts would speak against its conclusion.',
    "Consider a company that makes paper bags. It has one large customer, which buys sixty per cent of its output, two smaller ones, and a machine that is twenty years old. A supplier offers a new machine on lease. The large customer has hinted that it might make its own bags from next year. Weigh the options of the owner, with the risks of each, and say which information would change your mind.",
    "In the last decade more and more museums have been asked to return objects that were taken in colonial times. Some have done so, others lend them permanently, others refuse, saying that they preserve them for all mankind. Examine the arguments on each side. Which rest on law, which on morality, and which on practical matters? Are there cases in which the answer ought to differ?",
    "Three friends own a bicycle repair shop in equal shares. One wants to sell to a chain, which offers a good price and would keep the staff for two years. One wants to turn the shop into a cooperative with the staff. The third wants to go on as before, but is close to retiring. They have asked you for an opinion. Set out the interests of each, the financial and legal questions that have to be answered, and a way in which they might come to a decision.",
    "In a famous experiment children were left alone with a sweet and were told that they would get a second if they could wait. Years later those who had waited did better at school. Later researchers repeated it with many more children and found that most of the effect vanished once the income of the parents was taken into account. What does this tell us about the first experiment, about self-control, and about psychology as a science?",
    "A hospital introduced a checklist for surgeons, and deaths fell by a third over the next year. In the same year it opened a new ward for emergencies, sent the most difficult cases to a university clinic, and began to count deaths only within thirty days rather than ninety. The management attributes the fall to the checklist. Examine this claim.",
    "Our cooperative of small farmers sells milk to one dairy at a price fixed a year ahead. Now feed has become dear and some members want to leave for a rival that pays the daily market price. Others fear what happens if the market falls. I would like you to think through the two kinds of contract: who bears which risk, under what conditions each is better, and whether a mixture would be possible.",
    "Some philosophers hold that we have no free will because everything we do has causes reaching back before our birth. Others reply that freedom never meant the absence of causes, but acting on one's own reasons. A third group thinks that the whole question is confused. Explain what each side gets right, where they talk past each other, and what would follow for punishment if the first were correct.",
    "The novel opens with a list of objects found in a dead man's coat: a tram ticket, a dried fig, two keys and a photograph cut in half. Each of the four parts of the book is told by somebody who once owned one of them. None of them is told the whole truth, and the reader never learns who took the photograph. Discuss what this structure does to our sympathy for the dead man and to the idea that a life can be known.",
    "Two cities of similar size and climate tried to reduce car traffic. One charged drivers for entering the centre; the other made buses free. After three years traffic in the first had fallen by 18 per cent, in the second by 4, though bus use in the second had doubled. Explain how both results are possible, which measure you consider the greater success, and what a third city should learn from them.",
    "An argument you often hear runs like this: language determines thought, for there are peoples without words for numbers who cannot count beyond three. Therefore, if we changed our language, we could change what people are able to think. Examine the logic of this, step by step, and say which of the steps is supported by what we know from linguistics and which isn't.",
    "A chain of cafés has noticed that customers who use its app spend more than those who don't. The head of marketing concludes that the app makes people spend more, and wants to pay each customer two dollars to install it. Before she spends the money, what alternative explanations should be ruled out, how could this be done with an experiment, and what result would persuade you?",
    "Why did the industrial revolution begin in Britain rather than in China or France? Historians have pointed to cheap coal near the surface, high wages, secure property, colonies, the culture of tinkering and mere luck. Discuss at least three of these explanations, say how they could be tested against the cases of other countries, and give your own judgement.",
    'The following appeared in a letter to the editor of a local paper: "Since the night bus was introduced, the number of drivers caught drunk in our county has gone down by a fifth. Neighbouring Harrow County has no night bus, and there the number stayed the same. If Harrow wants safer roads, it need only buy a bus." Write a reply that lays bare what the author takes for granted and what becomes of his advice if one of these things isn\'t so.',
    "A mid-sized publisher sells school books in four countries. In two of them the state orders centrally every five years; in the other two, schools choose for themselves each year. Digital titles now bring a fifth of turnover but more than half of the support calls. The owner considers giving up print in the countries with yearly choice. Analyse this plan: what would it change in cost, risk and dependence, and which figures would you ask for first?",
    "It is often said that history is written by the victors. Yet we know the Peloponnesian War mainly through an exiled Athenian, and much of what we know of Rome's emperors through senators who loathed them. Discuss how far the saying is true, what other groups shape what is remembered, and how a historian may correct for it.",
    "I'd like you to evaluate an argument I heard on the radio. A doctor said that the more hospital beds a region has, the more operations are done there, though the people aren't any sicker. From this she concluded that many operations are done only because there are beds to fill, and that beds should be cut. The presenter agreed at once. Is there another way to read the same numbers? What could be done to find out, and what harm might follow if the doctor were wrong?",
    "In many countries young people turn away from newspapers and take their news from short videos. Some observers see in this the end of an informed public; others point out that each new medium, from the novel to television, was greeted in the same way. Compare the two positions, examine what is really new about the present change, and say under what conditions the pessimists would be right.",
    "Compare how three religions of your choice explain suffering. For each, describe the explanation itself, what it asks of those who suffer, and one difficulty that its own thinkers have seen in it. Conclude by asking whether there's something that all three have in common."
  ],
  constrained: [
    "Summarise what happened in one sentence, no names: Greta missed the early ferry, borrowed Ole's skiff without asking, lost an oar half-way and was brought in by the very ferry she had missed.",
    "Give a two-sentence synopsis of this plot and nothing else: A widowed piano tuner answers an advertisement for a piano that turns out to have belonged to his first love. He tunes it a little wrong so that he'll be called back.",
    "Write a headline of at most eight words for this report: The harbour board said on Friday that the old crane will be moved to the museum next year, after a campaign by retired dockers raised half of the cost.",
    "Condense the following to fewer than 20 words: Although the jury admitted that the young cellist had made several small mistakes in the first movement, it praised her tone and gave her the second prize.",
    "Name the two strongest objections to a universal basic income and say in one line each how its friends answer them.",
    "Summarise the plot of Macbeth in five bullet points, then name two themes with one quotation each.",
    "Compare tea and coffee plantations in a table with rows for labour, water, climate and price risk; finish with a one-sentence verdict.",
    "List three advantages and three disadvantages of electing judges, each with an example.",
    'Answer only with POSITIVE, NEGATIVE or NEUTRAL: "The seats are fine, I suppose."',
    "Explain in under 150 words why house prices fell in 2008, for readers without economics.",
    'Extract the names and the years as JSON with keys "person" and "year": "Ines Halloran took over the mill in 1911 and left it to Tom Brandt in 1938."',
    "Give me the key points of the text below as a numbered list, no more than six, each under fifteen words.",
    "Evaluate this business idea in four sections (market, costs, risks, verdict), each of two sentences: a launderette that is also a library.",
    "In exactly three sentences, explain why the League of Nations failed.",
    "Make a two-column table of similarities and differences between a republic and a democracy.",
    "Classify each word as noun, verb or adjective; answer in the form word: class. Words: quarrel, brittle, harbour, swift.",
    'State the thesis, the two main premises and one hidden assumption of the argument "We ought to ban fireworks, because animals suffer and nobody needs them."',
    'Rate the politeness of this message from 1 to 5 and justify your rating in one sentence: "Send it again. Properly this time."',
    'Extract every e-mail address and phone number, one per line, nothing else: "Call Mrs Lund on 555-0147 or write to lund@harbour.example; the workshop is 555-0199."',
    "Identify which of the following are renewable: peat, tides, natural gas, biomass, uranium. Return a comma-separated list.",
    "Name the five most important reasons for the fall of Constantinople in order of weight, one sentence each.",
    "Compare the two poets in a paragraph of at most 120 words, with one quotation from each.",
    "Sort the following complaints by urgency and return them as a numbered list: broken window, wrong colour, gas smell, late delivery.",
    'Reply with a single label from {sport, culture, economy, weather}: "Storm front to reach the coast by noon".',
    "Explain the greenhouse effect in three steps, then name two common misunderstandings.",
    'Read the sentence and give subject, verb and object, separated by semicolons: "The old gardener rarely watered the ferns."',
    'Highlight three facts and three opinions in this paragraph: "The bridge is 300 m long. It\'s ugly. It cost 40 million, far too much. It opened in May. Nobody needed it. Trucks may use it."',
    "Give a balanced assessment of surge pricing by taxis: two arguments each, and a conclusion.",
    "Look at these figures and state in two sentences what is odd: Mon 40, Tue 42, Wed 39, Thu 4, Fri 41.",
    "Compare plan A (12 months, 19.90) and plan B (24 months, 14.90) for a student who may move; max. 100 words, end with a recommendation.",
    "Turnover rose from 4.1 to 4.4 million while staff fell from 38 to 31. Interpret in three bullet points.",
    'Classify these support tickets into "billing", "bug" or "wish": 1) charged twice 2) dark mode please 3) crashes on start. Output CSV.',
    'Answer with "entailment", "neutral" or "contradiction". Premise: All shops on the square are shut. Hypothesis: The bakery on the square is open.',
    'From the sentence, list all places and all dates, nothing more: "Between 3 May and 9 June the exhibition moves from Ghent to Basel."',
    'Is the following statement supported by the sentence before it? Yes/no plus quote. "The mayor, a former nurse, was elected in 2010." Statement: The mayor once worked in health care.',
    "In a table with three rows, contrast Stoicism, Epicureanism and Scepticism as to the good life.",
    "State whether each argument is deductive or inductive; no explanation. (1) All cats purr, Tom's a cat, so Tom purrs. (2) Every winter so far was cold, so this one will be.",
    'Condense this into a tweet of at most 140 characters: "The board has today resolved, following careful consideration of all alternatives, to discontinue the production of typewriters at the Hamlin works with effect from the end of the year."',
    "Find the two sentences that contradict each other; give only their numbers. 1 The shop opens at nine. 2 It's run by sisters. 3 On weekdays nobody can get in before ten. 4 They sell tea.",
    "Give exactly two reasons for and two against a ban on short flights, then your verdict in one line.",
    'Name the three main points of this mail, one line each: "Dear all, the hall is booked for the 12th, the caterer needs numbers by Friday, and somebody has to fetch the chairs from school, since the verger has hurt his back."',
    'Read the paragraph and list causes on the left, effects on the right. "The frost split the pipe, so the cellar flooded, and the archive had to be moved, whereupon the mould was found."',
    "How does photosynthesis depend on temperature? Explain in five sentences and name one experiment.",
    "Why did Rome abandon Britain? Three reasons, most important first.",
    "What makes a good leader? Give four traits, each with a historical example.",
    "What were the effects of Prohibition? One paragraph on crime, one on health, one on politics."
  ],
  passage: [
    [
      "The ferry Alma sailed between the islands from 1956 on. In 1979 she was sold to a shipping company in Piraeus and renamed Irini, and she was broken up in 1993.",
      "",
      "What was the ferry called after she was sold?"
    ],
    [
      "Beside the market stands the Corn House of 1604, a gabled building which served as a granary, a school and, since 1951, as the town's library. The architect is unknown.",
      "",
      "What is the Corn House used for today?"
    ],
    [
      "Most of the lava fields are older than 4,000 years, but the one south of the road dates from the eruption of 1783, in which a fifth of the islanders lost their lives.",
      "",
      "what fraction of the islanders died in 1783"
    ],
    [
      "Given a reference text about the harmonium, tell me who invented it and how it makes its sound.",
      "",
      "The harmonium is a reed organ that sounds as air flows past thin pieces of metal. It was patented in 1842 by Alexandre Debain."
    ],
    [
      "Given this text on the town of Selb, list what it's known for.",
      "",
      "Selb lies in the Fichtel mountains near the Czech border. It is known for its porcelain, which has been made there since 1857, and for its ice hockey club."
    ],
    [
      "From the passage below, tell me where the river begins and which towns it passes.",
      "",
      "The Lune rises near Newbiggin and passes Tebay, Sedbergh and Kirkby before it reaches the sea beyond Lancaster."
    ],
    [
      "Based on the text provided, what made the company successful, and when did it go public?",
      "",
      "Founded in a garage, Pell & Sons owed its rise to a patented zip. It sold shares to the public from 1961 and moved its works to Porto in 1978."
    ],
    [
      "The shrew Sorex minutus weighs three to six grams. It eats its own weight in insects every day and dies if it goes without food for more than a few hours. It was first named by Linnaeus in 1766.",
      "",
      "Who named the animal?"
    ],
    "Please extract the years from the following text and list them with bullets. The hall was begun in 1508, burned in 1611 and 1725, and was given its present roof in 1903.",
    [
      "Jon: is the meeting still on?",
      "Kim: yes, but at 4 now",
      "Jon: can't do 4, school run",
      "Kim: I'll record it for you",
      "Jon: you're a star",
      "",
      "Write a short summary of this exchange."
    ],
    [
      "Tara: mum's asking about Christmas again",
      "Will: tell her we'll come on the 26th",
      "Tara: you tell her",
      "Will: fine. after dinner",
      "",
      "What will Will do, and why does Tara not do it?"
    ],
    "a dull , overlong thriller with nothing to say .",
    "one of the best films i have seen this year , and the music is lovely .",
    "the food was cold and the waiter couldn't have cared less .",
    "this phone is a joke , the battery died on day two .",
    "Great sound, poor fit. After an hour my ears hurt. 3/5",
    "I wanted to like this book. The first half is charming, the second is padding. 5/10",
    "We loved every minute of it and so did the kids.<br /><br />9/10, would see again.",
    "The sequel nobody asked for, and now we know why. <br /><br />Avoid.",
    "an uneven but gripping debut with a wonderful performance at its heart .",
    "Never have I left a cinema so early. Lifeless dialogue, a plot out of a cereal box, and a lead who seems to be waiting for a bus.",
    [
      "The Vasterby funicular was opened in 1909 and closed in 1963 after a fire in the engine house. It was rebuilt by volunteers between 1988 and 1994 and now carries some 80,000 people a year.",
      "",
      "When was the funicular closed?"
    ],
    [
      "Context: The Osk is a river in the north of the province. It rises at Lake Tammer, flows 212 km to the east and joins the Great Ulm below Karsten. Its upper half is frozen for four months of the year.",
      "",
      "Question: Where does the Osk rise?"
    ],
    [
      "The company was founded by the brothers Jan and Piet Vroom in 1921 as a maker of bicycle lamps. During the 1950s it turned to radios, and in 1974 it was sold to a competitor.",
      "",
      "What did the company make at first?"
    ],
    [
      "Loggerhead turtles return to the beach where they hatched. A female lays about 110 eggs in a clutch and up to five clutches in a season. The temperature of the sand decides whether the young are male or female.",
      "",
      "What determines the sex of the young?"
    ],
    [
      "In the third quarter the Herons kicked field goals of 22 and 48 yards, and the Pikes answered with a 61-yard run by Dale Orr. Orr had run for 112 yards by then. The Herons won 23-17.",
      "",
      "Which team won the game, and who ran 61 yards?"
    ],
    [
      "The fleet left with 14 ships. Three were wrecked off the cape and two turned back with sick crews. At the islands it was joined by a merchantman from Lisbon.",
      "",
      "How many ships were wrecked off the cape?"
    ],
    [
      "The theatre has 840 seats, of which 120 are in the gallery. It burned down in 1881 and was reopened two years later with electric light, the first in the province.",
      "",
      "In what year was the theatre reopened?"
    ],
    "Sentiment of this one, please: The acting is wooden and the songs are worse, but I laughed more than I have all year.",
    ["a warm , funny and surprisingly honest picture about growing old .", "positive or negative ?"],
    ["the script is a mess , the jokes are older than the cast .", "Sentiment:"],
    "I expected much from this director and got two hours of people staring out of windows. The photography is fine. I would not see it again if you paid me.",
    "I'd give this hotel six stars if I could. We came for a night and stayed for five. The breakfast alone is worth the trip, and the staff remembered our daughter's name.",
    "One of those thrillers in which everybody whispers and nobody owns a lamp. The twist is guessed after ten minutes. Still, the lead is good, and the dog is better.",
    [
      "Ruth: did you get the tickets?",
      "Sam: only two left so I took them",
      "Ruth: but we're three",
      "Sam: Nico says he'd rather stay home anyway",
      "Ruth: ok, I'll tell him we owe him a beer",
      "",
      "Sum up this chat in a sentence."
    ],
    [
      "Lea: I can't make it on Thursday, dentist",
      "Omar: Friday then?",
      "Lea: Friday is fine, after six",
      "Omar: I'll bring the maps",
      "",
      "What did Lea and Omar agree on?"
    ],
    "Give me a title for this piece of news: A retired engineer from Halm has built a working telescope from washing-machine parts and given it to the village school, where the pupils have already found two comets.",
    [
      "She laid the third plate on the table as she had every evening since March, and turned its fork so that it pointed to the door. The clock was wound. Nobody spoke of the war.",
      "",
      "What feeling does the passage convey: (A) hope (B) dread (C) amusement (D) boredom?"
    ],
    "Shorten this to two sentences: The lighthouse keeper's children went to school by boat whenever the sea allowed it, and in the winter of 1911 it allowed it on nine days only, so that their mother, who had been a teacher herself, taught them at the kitchen table.",
    "What is the plot of this story in brief? An old cartographer is asked to draw a map of a country that doesn't exist, for a king who wants to have conquered something. When it's finished, settlers begin to leave for it.",
    "TL;DR this: I lent my bike to a colleague for a weekend, he left it outside, it got stolen, he offered me half the price since it was 'used', and now our boss says we must sort it out or neither of us gets the new parking space.",
    [
      "Premise: Two boys are throwing a ball on the beach.",
      "Hypothesis: The boys are asleep.",
      "Does the first contradict the second?"
    ],
    [
      "Passage: Tea was first planted in the hills around Nandi in 1924.",
      "Question: is tea grown in nandi",
      "Answer with yes or no."
    ],
    [
      "From the clause below: who bears the cost of repairs above 500 euros?",
      "",
      "7.2 Repairs up to 500 euros are borne by the Lessee. All other repairs are borne by the Lessor, unless the damage was caused by the Lessee's negligence."
    ],
    [
      "Extract the names of all drugs from this note.",
      "",
      "Pt was started on amoxicillin for otitis, paracetamol prn for fever. Mother reports rash on day 3; amoxicillin stopped, azithromycin begun."
    ],
    "TL;DR: my neighbour built a fence, the fence fell on my beans, he says the beans pushed it, and now the whole street has an opinion",
    "tl;dr: I lent my sister my camera for her trip, she dropped it in a fountain, dried it in a rice cooker, and posted about how bad my camera is",
    "Long story short, please: we booked a cottage, the cottage was a shed, the owner said the shed was rustic, and my father in law moved into the car and refused to come out until Sunday.",
    "Write a brief summary of the following article: A schoolboy from Tarn has taught himself to repair pianos from library books, and now tunes the instruments of three villages. He is thirteen.",
    "Write a short summary. (Press Association) A cat which vanished from a removal van in 2016 was found last week two hundred miles away, living in a fire station. Her owner said she had put on weight.",
    "Give this article a headline. Workmen laying a pipe in Dunmere have come upon the keel of a ship that may be a thousand years old.",
    "Put a headline over the following report: the choir of Saint Anne's, which had been due to close, has had two hundred applicants since it sang on television.",
    "Reduce the following to a single sentence: Because the ferry was late, the judges could not reach the island before dark, and the show of sheep was held by the light of tractors.",
    "Shorten the paragraph below without losing its argument. Although many people believe that old bridges are weaker than new ones, it is new traffic that makes them so.",
    "Condense to twenty words: The potters' market, which has been held on the quay every June since 1922, will move to the car park this year while the quay wall is repaired.",
    "PARIS (Wire) - A painting that hung for forty years in a dentist's waiting room has been sold for nine million. The buyer's name was not given. The dentist said he had never much liked it.",
    "Worst two hours of my year. The songs are dull, the jokes were dull in 1990, and I could hear other people snoring.",
    "I have seen better effects at a school fair. Not even the dog can act. Give it a miss.",
    "Lovely little film, a bit slow in the middle, but the ending had the whole row in tears.",
    'Sentiment of this post: "ugh my tea went cold AGAIN"',
    'What feeling does this tweet convey? "three days till the concert aaaah"',
    "Kit is behind Lou, Lou is behind Mia, and Ned is in front of Mia. Who is first in line?",
    "Ana finished before Ben, Ben before Cal, and Dee after Cal. Who came in last?",
    "The Rams kicked a 29-yard field goal and the Jets answered with a 7-yard run. After the break the Rams ran in from 15 yards twice. How many yards was the longest touchdown?",
    [
      '(Reuters) - The chief executive of the shipping group Baltrans stepped down on Friday after an audit found that bonuses had been paid on false figures. Shares fell 11 percent in early trade. The board named its finance chief, Inge Solberg, as interim head. "We owe our customers an explanation," she told reporters.',
      "",
      "Write a short summary of this news report."
    ],
    [
      "Police in the coastal town of Lorne are looking for two men who made off with a bronze statue of a fishwife from the harbour on Sunday night. The statue, which weighs 400 kilos, was unveiled in 1978. Witnesses saw a lorry leave shortly before three. The mayor has offered a reward.",
      "",
      "Summarize the article above."
    ],
    [
      "A spokeswoman for the hospital said on Wednesday that 14 people were being treated for smoke after a fire at a paint works in Ostend. Firemen fought the blaze for six hours. Nobody was killed. Schools nearby were told to keep windows shut.",
      "",
      "tl;dr"
    ],
    "Write highlights of this story: Three climbers who had been missing on the north face since Monday were found alive by a helicopter crew on Thursday morning, huddled in a crevice at 3,900 metres. They had eaten nothing but snow and a bar of chocolate for two days. One of them, a 24-year-old student, lost two toes to frostbite.",
    '(CNN) -- A ship carrying rice and medicine reached the island on Saturday, nine days after the cyclone. Aid workers said most roads were still under water and that some villages had been seen only from the air. The storm killed at least 80 people and left 20,000 homeless. "It is as if a giant had walked over us," said one farmer.',
    "By . Harriet Lowe . PUBLISHED: . 09:12 EST, 4 March 2013 . A grandmother who was told she would never walk again has finished a half marathon. Joan Pell, 67, broke her back when she fell from a ladder. Doctors gave her no hope. But after four years of training she crossed the line in just under five hours.",
    [
      "Write a headline for the following article that says what it is about.",
      "",
      "The water company has been fined two million for letting sewage into the river on forty occasions. Inspectors found that alarms had been switched off at weekends."
    ],
    "What would be a fitting title for this paragraph, taking its main idea into account? Ants leave a trail of scent where they have found food. The more ants follow it, the stronger it grows; a trail no longer used fades within minutes.",
    "Give a synopsis of the following story in two sentences. A tailor is paid by the king to sew a coat that no rain can pass. He sews it from spider's silk, and the king wears it to war and drowns in it.",
    "Please write a one-paragraph abstract for the following study. We gave 84 volunteers either sweetened or unsweetened coffee before a memory test. There was no difference in recall, but those who drank it sweetened rated the test as easier.",
    "tl;dr this for me: so my landlord said he'd fix the boiler in october. it's january. yesterday he came round with a fan heater and a bill for the fan heater. my sister says i should stop paying rent, my mum says i should write a letter, and meanwhile i am wearing two coats",
    "Summarize the following reddit post: I (24M) have shared a flat with an old school friend for a year. Last month he got engaged and now his fiancée is here every day, cooks, does laundry, and has opinions on my plants. He says she does not live here. I said she should pay a third. Now he won't talk to me. Am I being unreasonable?",
    "Summarise this chat. Olga: the printer's dead again. Finn: did you try the side door? Olga: yes, and the back. Finn: i'll call the man. Olga: tell him to bring a new one.",
    [
      'Sven closed the ledger and did not look up when his daughter came in. "Is it all gone?" she asked. He turned the pen over twice. "The house isn\'t," he said. "Not yet."',
      "",
      "What can be inferred about the family's situation?"
    ],
    [
      "The dog had been waiting by the gate since four. When the bus came, only Mr. Finch got off, carrying a small suitcase that was not his. He did not whistle.",
      "",
      "How does the author create a sense of foreboding?"
    ],
    [
      '"Leave the lamp," whispered Ina. Her mother set it down again, and for a moment both of them listened to the boots go by under the window.',
      "",
      "Question: Why does the mother set the lamp down?"
    ],
    [
      "Old Piet sold the cow in spring, the plough in summer, and in autumn there was nothing left to sell but the violin. He played it once through at the market and took it home again.",
      "Which statement best expresses the theme? A) Music is costly. B) Some things are worth more than money. C) Markets are slow in autumn."
    ],
    [
      "can cats eat cheese",
      "Many cats like cheese, and small pieces do no harm to most of them. Adult cats, however, often lack the enzyme that breaks down milk sugar, and larger amounts upset their stomachs."
    ],
    [
      "is the isle of dray part of the kingdom",
      "The Isle of Dray is a self-governing dependency of the Crown. It has its own parliament and courts, and it has never formed part of the kingdom, which answers only for its defence."
    ],
    [
      "did the second season of the show get made",
      "The series ended after eight episodes in 2011. A second season was written, and two episodes of it were filmed, but the network withdrew before it could be shown."
    ],
    "Passage: Whales sleep with half of the brain at a time, so that they can surface to breathe. Question: do whales sleep? Answer yes or no.",
    [
      "The Colts scored first, with a 22-yard pass from Dorsey to Lang. The Bears answered with a field goal from 38 yards and one from 51. In the fourth quarter Lang caught another pass for 9 yards.",
      "",
      "How many field goals did the Bears kick?"
    ],
    "To start the second half, United went ahead through a penalty by Moreno in the 52nd minute. City drew level in the 70th, and Moreno struck again from 18 metres with four minutes left. Who scored the last goal of the match?",
    "According to the census of 2001 the district had 41,200 inhabitants, of whom 36% were under 20, 51% between 20 and 64, and 13% older. There were 15,800 households. Which age group was the smallest?",
    [
      "In 1805 the garrison counted 600 men. Fever killed 140 of them before the winter and a relief of 200 arrived in March with Colonel Haye.",
      "",
      "Question: Who brought the relief, and when did it arrive?"
    ],
    "The caravan left with 70 camels and 31 drivers. Eight days on, a sandstorm scattered it; only 52 camels were found again. The leader, Yusuf, decided to wait for the moon. How many camels were lost in the storm?",
    [
      "The second stage of the rocket burned for 340 seconds instead of 355, so that the satellite reached an orbit 200 kilometres too low. Its own engine raised it, at the cost of a fifth of its fuel.",
      "",
      "Why did the satellite lose part of its fuel?"
    ],
    "Ben is older than Cora, and Dan is younger than Cora. Eve is older than Ben. List them from youngest to oldest.",
    "Five friends sit in a row. Lars sits left of Mo, Nia sits at one end, and Oli is between Mo and Nia. Who can sit in the first seat? Explain your reasoning.",
    "If some bakers are early risers and no early risers like films, does it follow that some bakers don't like films? Justify your answer.",
    "On the shelf are seven books. The atlas is left of the bible. The cookbook is the second from the right. The diary is right of the cookbook. Which book stands at the right end?",
    "Every time the alarm rings the dog barks. The dog is not barking. What can we conclude about the alarm?",
    "Jan told Ola that Pim had lied. Pim says Ola tells the truth, and Ola says Jan does. Exactly one of them lies. Who is it, and how do you know?",
    "The council says that traffic on Fore Street fell after the bakery closed, and concludes that the bakery caused the traffic. Which of the following, if true, most weakens the argument? (A) The bakery sold bread. (B) A bypass opened in the same week. (C) Fore Street is narrow.",
    "I rented this on a rainy Sunday and wished I had gone out in the rain. The plot is a series of car doors. The actors speak as if they were reading the phone book, and the twist can be seen from the title.",
    "This film took me by surprise. I expected another cop story; what I got was a tender, funny portrait of two brothers who cannot say sorry. The music is lovely and the last ten minutes are perfect. 9/10.",
    "I have had these shoes for a month. The left one squeaks, the sole has come loose, and they run a size small. The colour is nice, though. Not worth the money.",
    "I've been going to this place for years and it never disappoints. Huge portions, friendly people, and the dumplings are to die for. Parking can be a pain.",
    "Read the paragraph and say which sentence does not belong: Bees dance to tell where flowers are. The angle of the dance gives the direction. Honey is sold in jars. The length of the dance gives the distance.",
    "Find the main claim and the supporting evidence in the text: Towns should plant more trees. Streets with trees are up to four degrees cooler in summer, and houses there sell faster.",
    [
      "Bees navigate by the sun, but on overcast days they rely on the polarisation of the light, which they can see and we cannot. When a forager has found flowers she returns to the hive and dances; the angle of the dance tells the others in which direction to fly, its length how far. Experiments with mirrors have shown that bees can be sent astray by false light.",
      "",
      "According to the passage, what do bees do when the sun is hidden?"
    ],
    [
      "Summarize the following text in two sentences.",
      "",
      "The ferry company has carried passengers between the two islands since 1954. In the early years it owned a single wooden boat, which sank in a storm without loss of life. Today six vessels serve the route, and in summer there are crossings every half hour. Rising fuel prices and a planned bridge threaten its future; the board is therefore considering electric ships, which would halve the cost of running but need an investment of forty million."
    ],
    [
      "Premise: A woman in a yellow coat is feeding ducks beside a pond.",
      "Hypothesis: A woman is outdoors.",
      "Does the premise entail the hypothesis?"
    ],
    [
      "What is the tone of this letter, and what does the writer want?",
      "",
      '"I have now written four times. Each time a different person thanked me for my patience, of which, I assure you, nothing is left. Either the roof is repaired by Friday or you will hear from someone less polite."'
    ],
    "Read the text and answer the question. In the nineteenth century ice was cut from lakes in Norway and shipped to London, packed in sawdust. Rich households bought it daily. The trade ended when machines could make ice on the spot. Why did the trade in natural ice end?",
    [
      'The defendant sold a used boat "as seen". After three weeks the engine failed. An expert found that the defect had existed at the time of sale but could not have been noticed by a layman. The buyer demands his money back.',
      "",
      "Analyse the legal position of both sides."
    ],
    [
      "From the following review extract what the customer liked and disliked:",
      "",
      "We stayed four nights. The bed was the best I've ever slept in and the breakfast had real honey from their own hives. Sadly the shower never got properly hot, and the lady at the desk seemed to think this was our fault. Would still come back in summer."
    ],
    '"Since every town that built a new stadium has seen its debts grow, our town, too, will fall into debt if it builds one." Identify the assumption on which this argument depends.',
    [
      "Who gave Piet the bicycle?",
      "",
      "Piet had wanted a bicycle since the spring. His aunt Lotte promised him one if he learned to swim, and his father laughed, since Piet was afraid of water. In August, however, Piet swam across the canal. The next morning a red bicycle leaned against the door, with a ribbon on it and a note in his aunt's hand."
    ],
    [
      "The tunnel was begun in 1898 from both ends. Water broke in four times; on the southern side the rock was so hot that the men could work only in shifts of two hours. When the headings met in 1905 they were less than a hand's breadth apart. Sixty-seven workers had died, most of them from the lung disease caused by dust rather than by accidents.",
      "",
      "What caused most of the deaths during the building of the tunnel?"
    ],
    [
      "does the passage say that otters mate for life",
      "",
      "Sea otters rest in groups called rafts, often wrapped in kelp so as not to drift apart. Males and females form separate rafts for most of the year. A pair stays together for a few days in the mating season, after which the male leaves; the female raises the single pup alone."
    ],
    [
      "I bought this lamp for my reading corner and must say I'm torn. It looks gorgeous, far better than on the photo, and it was packed with care. But the switch hums, faintly, all the time, and in a quiet room you can't un-hear it. The shop offered me a discount of ten per cent, not a replacement.",
      "",
      "Rate the sentiment of this review from one to five stars and explain."
    ],
    [
      "Background: It is not known whether gardening lowers blood pressure in older adults. Methods: 212 people over 65 were assigned at random to a gardening club or a book club for twelve months. Results: systolic pressure fell by 4.1 mmHg in gardeners and by 3.8 in readers (p = 0.71). Conclusions: ...",
      "",
      "Does gardening lower blood pressure more than reading does, according to this abstract? Answer yes, no or maybe and give the reason."
    ],
    [
      "Provide a headline and a three-sentence summary for this article.",
      "",
      "Residents of Quarry Lane woke on Tuesday to find their street under water after a main burst shortly before four o'clock. About sixty households were without supply until the evening, and the primary school stayed closed. The water company apologised and blamed the age of the pipe, laid in 1931. A councillor said that a replacement had been promised three times since 2009. Work on the street is likely to last until the end of the month."
    ],
    [
      '"The Supplier shall not be liable for any indirect or consequential loss, save in cases of wilful misconduct. The Supplier\'s total liability under this Agreement shall not exceed the fees paid in the twelve months preceding the event."',
      "",
      "Explain in plain terms what the customer can and can't claim under this clause, and which points you would negotiate."
    ],
    [
      "Extract the ingredients, quantities and baking time from this text.",
      "",
      "My aunt always said that you need a good pound of flour, though she never weighed it, and six eggs from her own hens. She'd put in a cup of sugar, the peel of two lemons, and as much butter as an egg weighs. Then fifty minutes in the oven, no longer, or it gets dry."
    ],
    'In her letter to the board Ms Varga claims that the new timetable is responsible for the drop in attendance: "Attendance was 94 per cent in autumn. The timetable was changed in January. In February attendance was 86 per cent. The case could hardly be clearer." What would you reply to her?',
    [
      "Passage: The first lighthouses burned wood or coal on open grates. Ships often took them for other fires on the shore, so from the eighteenth century lamps with mirrors were used. In 1822 a French physicist built a lens out of rings of glass which threw the light much farther. His lenses are found in lighthouses to this day.",
      "",
      "Question: Why were lamps with mirrors introduced?"
    ],
    [
      "article: The council of Marlow Bay voted nine to four on Thursday to ban dogs from the northern beach between May and September. Supporters spoke of complaints by families; opponents feared for the guest houses that advertise with dogs being welcome. The ban will be reviewed after two summers.",
      "",
      "summary:"
    ],
    [
      "The honeyguide is a small African bird. It leads people to the nests of wild bees by flying ahead and calling. When the people have smoked out the bees and taken the honey, the bird eats the wax and the grubs that are left. Among the Yao of Mozambique, hunters call the bird with a special sound, passed on from father to son.",
      "",
      "can honeyguides open a bees nest on their own"
    ],
    [
      "Which of the two speakers is more optimistic, and how can you tell?",
      "",
      "Ruth: The harbour's finished. You can't fill a dead port with cafés.",
      "Daniel: They said the same of the mills, and look who lives there now."
    ],
    [
      "Ms Hartley worked for the company as a courier from 2016. She used her own van, wore its uniform, was told her route every morning, and could send a substitute only with leave. She was paid for each parcel and got no holiday pay. In 2021 she was told that she was no longer needed.",
      "",
      "Is she an employee or self-employed? Discuss."
    ],
    [
      "In the first half the home side had 71 per cent of possession, yet it was the visitors who scored, from their only shot. After the break the rain made the pitch heavy. Moreno hit the post twice, and in the last minute Addo headed in a corner for the equaliser.",
      "",
      "How many goals were scored in the match, and by whom was the last one?"
    ],
    [
      "Simplify and summarise for patients:",
      "",
      "Endoscopy showed a small hiatus hernia and mild inflammation of the lower oesophagus without Barrett's changes. Biopsies were taken to exclude eosinophilic disease. We suggest continuing the proton-pump inhibitor at half the dose for eight weeks, and raising the head of the bed."
    ],
    [
      '"Some say that the arts are a luxury. But a town that closed its theatre in 1990 to save money has lost a quarter of its young people since. Which town would want to be like that?"',
      "",
      "What devices does the speaker use to persuade, and where is the reasoning weak?"
    ],
    [
      'Question: What does the word "it" in the last sentence refer to?',
      "",
      "The cello would not fit beside the dog, since it was far too fat. Marta therefore put it in the boot."
    ],
    [
      "Key takeaways from this earnings call?",
      "",
      "Revenue rose 6 per cent to 412 million, helped by prices, while volumes were down 2 per cent. Margins fell to 18.1 per cent because of freight. We expect freight to ease in the second half. The dividend stays at 40 cents. We're closing two of our nine plants and will book a charge of about 30 million for this."
    ],
    [
      "From: Abel",
      "To: all",
      "Subject: fridge",
      '"To whoever took my yoghurt: I hope you enjoyed it. I had counted it. I have counted the others as well."',
      "",
      "What's the mood of this mail, and what would be a sensible conclusion about how Abel feels at work?"
    ],
    [
      "Vessen is a market town on the left bank of the Orla, some thirty kilometres south of the provincial capital. First mentioned in a charter of 1142, it received town rights in 1307 and was an important centre of the linen trade until the eighteenth century. The old town burned down in 1811; only the granary and the lower storeys of St Ursula's survived. In the census of 2011 it had 14,260 inhabitants.",
      "",
      "Which buildings survived the fire?"
    ],
    [
      "What did the minister promise, and what did she leave open?",
      "",
      'The agriculture minister said on Monday that farmers hit by the late frost would receive aid "before the summer is out". She did not say how much money would be made available, nor whether wine growers, who suffered the largest losses, would be treated separately. The growers\' association called the announcement a first step. Opposition politicians accused her of making promises with an eye on the regional elections in June.'
    ],
    [
      "Summarise this article in one sentence.",
      "",
      "LONDON - Shares in the toy maker Brackwell jumped nearly 12% on Wednesday after the company said Christmas sales had been better than expected, helped by a revival of wooden railway sets. The firm now expects full-year profit at the top end of forecasts. Analysts warned, however, that higher wages and shipping costs could weigh on margins next year."
    ],
    [
      "Give me a short summary of the following paragraph.",
      "",
      "Coral reefs cover less than one per cent of the ocean floor but shelter about a quarter of all marine species. Corals live in symbiosis with algae that supply them with sugar. When the water gets too warm, the corals expel the algae and turn white. A bleached reef isn't dead yet, but it starves, and if the heat lasts for more than a few weeks most of it dies. Reefs off the coast have bleached five times since 1998."
    ],
    [
      "is the water of lake varo salty all year round",
      "",
      "Lake Varo is a shallow lake behind the dunes of the eastern coast. From autumn to spring it is fed by two streams and its water is fresh enough for cattle. In summer, when the streams run dry, the sea seeps in through the sand, and by August it tastes of salt. Eels live in it throughout the year; frogs leave it in June."
    ],
    [
      "Pursuant to Section 7.2, either party may terminate this Agreement for convenience upon ninety (90) days' prior written notice. In the event of termination by the Licensee, all fees accrued up to the date of termination shall remain payable, and no prepaid fees shall be refunded. Sections 4, 9 and 11 shall survive termination.",
      "",
      'Highlight the parts of this clause, if any, that relate to "post-termination obligations" and explain them.'
    ],
    [
      "OBJECTIVE: To examine whether a text message the day before lowers the number of missed appointments at eye clinics. METHODS: 1,840 patients in four clinics were allotted to a message or none. RESULTS: 9.6% in the message group missed their appointment, 15.2% in the control group (P < 0.001). The effect was smaller in patients over 75. CONCLUSION: Reminders work, less so in the old.",
      "",
      "What are the main findings and limits of this study?"
    ],
    [
      "\"The soup came lukewarm and the waiter argued with us about it. After that, though, the chef himself came out, apologised, and brought us a lamb shoulder I shall dream about for years. They didn't charge us for the wine. Parking's a nightmare.\"",
      "",
      "Aspect-based sentiment: food, service, price, location."
    ],
    [
      "In 1953 the composer moved into a former customs house on the coast, where she lived without a telephone. Neighbours recall that she would record the foghorn at night. Her Third Quartet, first played in 1957, is built on two notes a fifth apart; critics disliked it. Only after her death was it discovered that the rhythm of the last movement is that of the beam of the local lighthouse.",
      "",
      "How was the composer's surroundings reflected in her work?"
    ],
    [
      "Article: The first electric ferry in the region has been taken out of service after only three months. The operator blamed the cold, which cut the range of its batteries by a third. Passengers will be carried by a diesel ship built in 1978 until April. Environmental groups said that the ferry had been ordered without a study of winter conditions; the operator denied this.",
      "",
      "Write a neutral abstract of about 40 words."
    ],
    "Did the plaintiff act in time? Read the facts. The contract was signed on 2 February 2015. The leak appeared in August 2017; the plaintiff wrote to the builder in September 2017 and got no answer. He sued in October 2020. Claims for defects become time-barred three years after the defect was, or ought to have been, discovered.",
    [
      'Quarterly letter: "We entered the quarter with an order book of 310 million euros. Deliveries to Asia were delayed by the closure of two ports. Operating cash flow was negative for the first time since 2014, at minus 22 million. We have drawn on our credit line and agreed a waiver with our banks. We remain confident for the year."',
      "",
      "What risks can be read between the lines?"
    ],
    [
      'The experiment was simple. Children of four watched a puppet put a marble into a basket and leave. Then another puppet moved the marble into a box. "Where will she look for it?" the children were asked. Most of the four-year-olds said: in the basket. Most of the three-year-olds said: in the box.',
      "",
      "What conclusion about the development of thinking do these results permit?"
    ],
    [
      "Who is speaking in the second paragraph, and what does he want from the girl?",
      "",
      'The girl set the basket on the counter. "Four dozen," she said, "as ordered."',
      "",
      '"As ordered by whom?" He had put on his spectacles. "There\'s no order in my book. But I might take two dozen, if you could tell your father something from me."'
    ],
    [
      "The peregrine falcon nearly vanished from Europe in the 1960s, because DDT made the shells of its eggs so thin that they broke. After the substance had been banned, and thanks to nests guarded by volunteers, numbers rose again. Today pairs breed on cathedrals, chimneys and cooling towers, where pigeons are plentiful. Conservationists regard it as one of their greatest successes, although poisonings by pigeon fanciers still occur.",
      "",
      "Based on the passage, which of these is not given as a reason for the falcon's recovery: a ban, volunteers, pigeons, a law against fanciers?"
    ],
    [
      "Turn this into a list of who does what by when.",
      "",
      "Right, so Marek said he would ask the printer for a new quote, hopefully by Wednesday, and Aisha's going to finish the texts over the weekend, apart from the foreword, which the director wants to write himself, he said end of the month but we all know him. I'll book the hall tomorrow."
    ],
    [
      "He was born the son of a cobbler in 1852 and went to sea at fourteen. After a shipwreck off Patagonia he lived with the Yaghan for two years and compiled a dictionary of their language, with more than 9,000 entries, which was published only in 1931. He died in poverty in Bristol.",
      "",
      "how many years passed between his birth and the publication of the dictionary and why did it matter?"
    ],
    [
      "Explain the meaning of this passage in simple words:",
      "",
      '"It is not the passing of things that grieves us, but that we alone remain to have seen them pass; for had they a witness besides, we could put down our memory as a porter sets down a trunk."'
    ],
    [
      "Comment under a video: \"so they raise the price AGAIN and call it an 'upgrade'. bravo 👏👏\"",
      "",
      "Is the comment positive, negative or ironic? What's it directed at?"
    ],
    [
      "Please extract the symptoms, the medication and the follow-up from this note.",
      "",
      "67-year-old woman, two days of vertigo when turning in bed, nausea, no hearing loss. Manoeuvre positive on the right. Repositioning done twice, improved. Takes bisoprolol 2.5 mg and a statin. To come back in a week, earlier if headache or double vision."
    ],
    [
      "Which team won the final, according to the report, and who was its best player?",
      "",
      "On a muddy pitch in Hollerau the visitors from Brenn took the lead in the fourth minute through their captain Sundin. Hollerau answered with two goals before half-time, both by the seventeen-year-old Ilka Petersen, who was everywhere that night. When Brenn had a player sent off, the match was decided; the third goal came from the spot."
    ],
    [
      "The theory of comparative advantage says that two countries gain from trade even if one of them makes everything more cheaply than the other, as long as their relative costs differ. Critics object that the gains are unevenly spread, that workers can't move freely from a dying trade into a growing one, and that specialisation makes countries vulnerable.",
      "",
      "Restate the critics' objections and assess which of them hits the theory itself."
    ],
    [
      "Please read this report and tell me its three central findings, together with anything that seems doubtful to you.",
      "",
      "The library of the town of Kessel was closed for renovation from March 2019 to May 2021. During this time the stock of about 84,000 items was stored in a former furniture shop, where some 12,000 of them could be borrowed. The management took the occasion to ask users and non-users about their wishes. In all 2,106 questionnaires came back, most of them from the pensioners' home next to the furniture shop, where they had been handed out with coffee.",
      "",
      'More than half of those who answered wished for longer opening hours, and 61 per cent for "more quiet". Only 9 per cent asked for computers. Among people under thirty, of whom 74 answered, the order was reversed: 52 per cent wanted places to work with power sockets, and only 11 per cent more quiet. The management nevertheless decided to do without the planned room with computers and to build a reading room with armchairs instead.',
      "",
      "Since the library opened again, the number of loans has risen by 8 per cent in comparison with 2018, and that of visits by 31 per cent. The report regards this as proof that the decision for the reading room was right. It doesn't say how many of the visitors are there for the new café, which has its entrance in the reading room. Nor does it mention that the annual fee was abolished in June 2021. Staff report that the armchairs are usually occupied by pupils who do their homework there, sitting on the floor in front of them when all are taken, with their laptops plugged into the socket meant for the vacuum cleaner."
    ],
    [
      "By the time the third engineer had been dismissed, nobody on the island believed in the harbour any longer. It had been begun in 1871, on the windward side, against the advice of the fishermen, because the land on that side belonged to the governor's brother-in-law. Each winter the sea carried off what had been built in summer. The first engineer had used limestone from the island, which crumbled; the second brought granite from the mainland, at four times the cost, and set it without piles, so that it sank. The third, a young man by the name of Aurelio Prats, asked for soundings, which had never been made. They showed that the sea bed was a slope of mud going down to thirty fathoms. Prats wrote to the ministry that no harbour could be built there at any price and that there was a perfectly good natural one on the other side. He was dismissed by return of post.",
      "",
      "The granite blocks are there to this day. At low water children jump from one to the next, and in the evening couples sit on the largest, which they call the Ministry. Prats settled on the lee side, where he built a jetty out of wood for the fishermen, with his own money; it's still in use.",
      "",
      "Questions: 1. Why was the windward side chosen? 2. What mistake did the second engineer make? 3. What was Prats's advice, and what were its consequences for him? 4. What does the nickname of the block suggest about the attitude of the islanders?"
    ],
    [
      "Extract the party names, the subject matter, the price, the term and the governing law from the following.",
      "",
      'THIS AGREEMENT is made on the 14th day of February between Halvorsen Boats AS, a company incorporated in Norway ("the Builder"), and Mrs Ottilie Crane of Falmouth ("the Owner"). The Builder shall design, build and deliver a clinker-built sailing dinghy of not less than 4.2 metres as described in Schedule A. The price is NOK 186,000, of which one third is payable upon signature, one third when the hull has been planked, and the rest on delivery. Delivery shall take place no later than the 30th of June; for each complete week of delay the Owner may deduct one per cent of the price, up to ten per cent. Title passes with the final payment, risk with delivery. The Builder warrants that the boat will be free from defects in material and workmanship for a period of two years, provided that she\'s been stored dry in winter. Either party may rescind if the other is in material breach and does not remedy it within thirty days of notice. Neither party is liable for delay caused by events beyond its control, such as strikes, fire, or want of seasoned larch. The agreement shall be governed by the laws of Norway, and the court of Arendal shall have jurisdiction.'
    ]
  ],
  table: [
    [
      "item | 2019 | 2020 | 2021",
      "tents | 310 | 280 | 190",
      "stoves | 90 | 120 | 160",
      "ropes | 45 | 44 | 47",
      "",
      "Which item sold less every year?"
    ],
    [
      "city, January, July",
      "Umber, -4, 19",
      "Tarn, 2, 21",
      "Osk, -9, 23",
      "",
      "Where is the difference between winter and summer largest?"
    ],
    [
      "Rank | Nation | Gold | Silver",
      "1 | Norland | 9 | 4",
      "2 | Sudria | 7 | 8",
      "3 | Ostia | 7 | 2",
      "",
      "who came second and why not third?"
    ],
    [
      "name | grade | absences",
      "Iris | B | 2",
      "Juno | A | 0",
      "Karl | D | 11",
      "",
      "What does this table suggest about absences and grades?"
    ],
    [
      "Which of these suppliers would you drop?",
      "supplier: late / on time / price",
      "Arco: 1 / 40 / high",
      "Bell: 9 / 31 / low",
      "Cray: 14 / 12 / middling"
    ],
    [
      "team | won | drawn | lost",
      "Larks | 9 | 3 | 2",
      "Otters | 7 | 1 | 6",
      "Foxes | 2 | 4 | 8",
      "",
      "Which team had the most draws?"
    ],
    [
      "Statement: the Otters lost more games than the Foxes. According to the table above, true or false?",
      "team | won | lost",
      "Otters | 7 | 6",
      "Foxes | 2 | 8"
    ],
    [
      "Month,visitors,rain days",
      "May,4100,9",
      "June,5200,4",
      "July,3900,14",
      "",
      "What does the table suggest about rain and visitors?"
    ],
    [
      "year | title | role",
      "1998 | The Long Pier | Anna",
      "2001 | Night Ferry | the widow",
      "2004 | Salt | Mrs. Brandt",
      "",
      "in which film did she play the widow?"
    ],
    [
      "Which branch should worry us, and why?",
      "branch; sales; returns; staff",
      "Hill; 210k; 2%; 5",
      "Quay; 190k; 11%; 5",
      "Park; 80k; 3%; 2"
    ],
    "What does this timetable tell us about the quietest part of the day? 06:00 4 buses, 08:00 17 buses, 12:00 6 buses, 15:00 11 buses, 20:00 3 buses.",
    [
      "Read the list and answer. name,team,joined",
      "Olu,east,2012",
      "Pia,west,2018",
      "Raj,east,2016",
      "Who has been in the east team the shortest?"
    ],
    [
      "Answer from the data: plant,height_cm,water",
      "fern,40,daily",
      "aloe,25,monthly",
      "palm,180,weekly",
      "which plant needs the least water?"
    ],
    "These are the daily visitors of our site: Mon 410, Tue 432, Wed 398, Thu 405, Fri 811, Sat 790. What might have happened on Friday?",
    "Our shop sold 40, 44, 39, 61, 63 and 60 coats in the last six weeks. Describe the trend and give a possible cause.",
    "Survey: very satisfied 22%, satisfied 41%, neutral 18%, dissatisfied 19%. What conclusions may be drawn, and what may not?",
    [
      "| Month | Visitors | Tickets sold | Café revenue |",
      "|---|---|---|---|",
      "| Jan | 4,210 | 3,950 | 12,400 |",
      "| Feb | 3,870 | 3,700 | 11,900 |",
      "| Mar | 6,020 | 5,100 | 21,300 |",
      "",
      "What trends do you see, and what might explain the March figures?"
    ],
    [
      "Analyze this sales table and tell me which region is doing badly:",
      "",
      "region,q1,q2,q3,q4",
      "north,120,118,121,119",
      "south,90,84,71,60",
      "east,45,52,60,66"
    ],
    [
      "Below are answers from a survey. Group them into themes and count each.",
      "",
      "- The queue was too long",
      "- I loved the guide",
      "- Too crowded at noon",
      "- Our guide knew everything",
      "- No place to sit"
    ],
    [
      "Team | Won | Drawn | Lost | Points",
      "Rovers | 12 | 3 | 5 | 39",
      "United | 11 | 7 | 2 | 40",
      "Athletic | 9 | 6 | 5 | 33",
      "",
      "Which team lost the fewest matches?"
    ],
    "Categorise these expenses as fixed or variable: rent, flour, electricity for the ovens, insurance, packaging, the baker's salary.",
    [
      "Patient A: 41 y, fever 39.2, cough, travelled to Peru",
      "Patient B: 67 y, no fever, short of breath, smoker",
      "Patient C: 8 y, rash, fever 38.4, unvaccinated",
      "",
      "Which of them should be seen first, and why?"
    ],
    [
      "Name, Born, Party, Votes",
      "Okafor, 1961, Green, 12,430",
      "Lindqvist, 1975, Liberal, 9,870",
      "Marsh, 1958, Labour, 15,002",
      "",
      "Question: which candidate born after 1960 got the most votes?"
    ],
    [
      "year | revenue (m) | cost (m) | staff",
      "2019 | 41.2 | 30.1 | 210",
      "2020 | 38.0 | 31.5 | 214",
      "2021 | 47.9 | 33.0 | 190",
      "",
      "Interpret the development of profitability and productivity in this firm."
    ],
    [
      "Claim: the harbour with the deepest water handles the most cargo.",
      "",
      "| Harbour | Depth (m) | Cargo (Mt) |",
      "| Elden | 14 | 22 |",
      "| Royne | 17 | 19 |",
      "| Stav | 11 | 9 |",
      "",
      "Is the claim supported by the table?"
    ],
    'Sort these words into the groups "weather", "cooking" and "music": drizzle, simmer, gust, tempo, blanch, chord, sleet, whisk.',
    [
      "1. The parcel came open.",
      "2. Friendly driver!",
      "3. Where is my refund?",
      "4. Never again.",
      "5. Works as described.",
      "",
      "Label each line as positive, negative or neutral."
    ],
    [
      "| Drug | Response rate | Severe side effects | Price per month |",
      "|------|------|------|------|",
      "| A | 62 % | 9 % | 410 |",
      "| B | 58 % | 2 % | 95 |",
      "| placebo | 31 % | 2 % | – |",
      "",
      "Which would you recommend to a health service with a tight budget, and what other data are missing?"
    ],
    "Below is a log of our support calls per weekday. Mon 212, Tue 140, Wed 138, Thu 145, Fri 301, Sat 40. Where are the outliers, and what might be behind them?",
    [
      '{"review": "Boots leak after two weeks", "stars": 4}',
      '{"review": "Perfect fit, warm, dry", "stars": 1}',
      '{"review": "ok", "stars": 3}',
      "",
      "Which of these records look mislabelled, and why?"
    ],
    "Which of the following are string instruments and which wind instruments: oboe, lute, zither, cornet, erhu, ocarina?",
    [
      "| Year | Storks | Births |",
      "|---|---|---|",
      "| 1990 | 120 | 940 |",
      "| 2000 | 95 | 780 |",
      "| 2010 | 61 | 512 |",
      "",
      "What do these data suggest and what may they not be used to show?"
    ],
    [
      "Student,Maths,English,Absences",
      "Ada,91,74,1",
      "Bo,55,58,14",
      "Cleo,78,81,3",
      "Dan,49,66,12",
      "",
      "Is there a relation between absences and marks here? How strong would you say is the evidence?"
    ],
    [
      "Film | Year | Budget | Gross",
      "The Long Thaw | 2011 | 12 m | 88 m",
      "Kites | 2014 | 40 m | 35 m",
      "Night Ferry | 2018 | 7 m | 9 m",
      "",
      "Which film was the biggest success relative to what it cost, and which one lost money?"
    ],
    [
      "Extract from this list only the items that are allergens:",
      "wheat flour, sugar, hazelnuts, salt, whey powder, soya lecithin, vanilla"
    ],
    [
      "Rank these applicants for the post of night porter and give reasons:",
      "- Ilya, 24, student, speaks four languages, free on weekends only",
      "- Bea, 51, twenty years in hotels, no computer skills",
      "- Sam, 33, former guard, speaks English, free at once"
    ],
    [
      "Assets: cash 12,000; stock 48,000; machines 95,000",
      "Liabilities: bank loan 110,000; suppliers 31,000",
      "",
      "What does this balance sheet say about the firm's liquidity?"
    ],
    [
      "Tweet 1: love the new bus lanes!!",
      "Tweet 2: new bus lanes = new traffic jams, thanks",
      "Tweet 3: bus lanes opened today on Mill Rd",
      "",
      "What is the stance of each tweet towards the bus lanes (favour, against, none)?"
    ],
    [
      "| Quarter | Complaints | Orders | Share |",
      "|---|---|---|---|",
      "| Q1 | 410 | 20,100 | 2.0 % |",
      "| Q2 | 455 | 26,800 | 1.7 % |",
      "| Q3 | 590 | 38,900 | 1.5 % |",
      "",
      "The head of service says things are getting worse. Do the numbers bear her out?"
    ],
    [
      'Given the table, is the statement "the oldest bridge is also the longest" entailed or refuted?',
      "bridge | opened | length",
      "Nord | 1899 | 212",
      "Mitte | 1931 | 340",
      "Sued | 1964 | 118"
    ],
    [
      "id,comment",
      '1,"The app logs me out each time"',
      '2,"Love the new look"',
      '3,"How do I change my address?"',
      '4,"Refund still missing"',
      "",
      "Assign each comment a category and a priority, and say which team ought to answer it."
    ],
    [
      "Country A: life expectancy 81, doctors per 1,000: 2.4, spending 4,900",
      "Country B: life expectancy 83, doctors per 1,000: 3.9, spending 3,100",
      "Country C: life expectancy 77, doctors per 1,000: 2.6, spending 10,200",
      "",
      "Compare the three health systems. What stands out?"
    ],
    [
      "Inventory: bolts 4,000 (used 1,900 a month), hinges 250 (used 240), locks 900 (used 30), handles 60 (used 110).",
      "Which items call for action, and in which order?"
    ],
    "Put the following animals into a table by class (mammal, bird, reptile, amphibian): newt, emu, seal, adder, toad, bat, heron."
  ],
  choice: [
    [
      "Which of the following, if true, most strengthens the mayor's argument that the new tram has reduced traffic?",
      "(A) Traffic fell in towns without trams as well.",
      "(B) Counts on the streets beside the line fell, while others stayed the same.",
      "(C) The tram is popular among tourists.",
      "(D) The tram was built on time."
    ],
    [
      "If all the musicians in the village are farmers and some farmers are rich, which must be true?",
      "A. Some musicians are rich.",
      "B. All farmers are musicians.",
      "C. All musicians are farmers.",
      "D. No musician is rich."
    ],
    [
      '"He has no licence, so he must be a bad driver." What kind of error is this?',
      "a) circular reasoning",
      "b) non sequitur",
      "c) straw man",
      "d) slippery slope"
    ],
    ["Tweet: just what I needed today, a flat tyre in the rain.", "Is the tweet (1) sincere or (2) sarcastic?"],
    [
      "Headline: Rovers sign keeper from Turin for a record fee",
      "Which section does it belong to? World / Business / Sports / Science"
    ],
    'Question: What kind of answer does "Who built the bridge at Arta?" want? Options: person, place, number, date',
    [
      "Every painter in the group also sculpts. Some sculptors in the group teach. Which of the following must be true?",
      "A. Some painters teach.",
      "B. All sculptors paint.",
      "C. No painter fails to sculpt.",
      "D. Some teachers paint."
    ],
    [
      "The more often a road is salted, the sooner its bridges rust. The county salted twice as often this winter, yet the inspectors found less rust than ever. Which of the following, if true, best resolves the apparent discrepancy?",
      "(A) Salt prices fell.",
      "(B) The bridges were recoated last summer.",
      "(C) Traffic increased.",
      "(D) Neighbouring counties use sand."
    ],
    'Is the following tweet sarcastic? "Oh great, another Monday. Just what I needed." Options: yes, no',
    "What is the main idea of the passage? The heron waits. It may stand for an hour without a movement, so that the fish forget it is there. Patience, not speed, feeds it. (a) herons are slow (b) waiting is how the heron hunts (c) fish forget quickly (d) birds need water",
    'Classify the topic of this headline as sport, politics, business or science: "Minister resigns over rail contract"',
    [
      "Editorial: Cities that plant more trees have cooler summers. Our city is too poor to plant trees. So our summers will remain hot. The reasoning is flawed because it",
      "(A) treats one way to an end as the only way",
      "(B) relies on an unrepresentative sample",
      "(C) confuses cause and effect",
      "(D) attacks a person"
    ],
    [
      "The passage below is followed by a question. Choose the best answer.",
      "",
      'Old Bram counted his sheep each evening, though he had sold the last of them in autumn. "Habit," he told the neighbours, and looked away.',
      "",
      "What can be inferred about Bram? A. He's bad at counting. B. He misses his flock. C. He distrusts his neighbours. D. He plans to buy sheep."
    ],
    "Statement 1: all members pay a fee. Statement 2: Tomas pays no fee. Conclusion: Tomas isn't a member. Does the conclusion follow? (yes / no / cannot be determined)",
    'Article: "Shares in the shipping group fell by 7 per cent after it warned of lower freight rates." Category? World, Sports, Business, Sci/Tech',
    [
      "Which of the following would most strengthen the doctor's claim that the new ward smells cause nausea?",
      "a) Nausea is common in hospitals.",
      "b) Patients moved to another ward recovered within hours.",
      "c) The ward was painted green.",
      "d) Nurses work shorter shifts there."
    ],
    "A landlord cuts off the heating of a tenant who is two months behind with the rent. Under general principles, the tenant's best claim is: A. trespass B. breach of the covenant of quiet enjoyment C. nuisance D. there's no claim",
    'Which emotion fits best: anger, joy, fear, sadness, surprise? "I turned the corner and there they all were, with balloons!"',
    "Two answers to the same question are given. Which one is more helpful, A or B? Question: how long is a visa valid? A: It depends. B: Usually ninety days; check the sticker in your passport.",
    'The word "cold" in "she gave him a cold look" is used: 1) literally 2) metaphorically 3) ironically',
    [
      "Which of the following best describes the author's attitude toward modern farming?",
      '"We have bred the tomato to travel. It arrives in perfect health and tastes of the journey."',
      "A) enthusiastic B) ironic C) indifferent D) hopeful"
    ],
    [
      "No reptiles have fur. All of Jim's pets have fur. Therefore none of Jim's pets are reptiles. The argument is",
      "(A) valid (B) invalid (C) circular (D) an appeal to authority"
    ],
    [
      "The company president argues that the drop in accidents proves that the new training works. Which of the following, if true, most weakens this argument?",
      "A. The trainers were paid well.",
      "B. The most dangerous machine was sold in the same month.",
      "C. The staff liked the training.",
      "D. Other firms train as well."
    ],
    'Pick the best title for this paragraph. "Crabs grow by leaving their shells. For hours they are soft, and hide." 1. The sea 2. How crabs grow 3. Soft food 4. Hiding places',
    "Premise: The boy dropped the vase. Which is the more plausible effect? (1) The vase broke. (2) The boy grew taller.",
    'Is this comment toxic? "You people never learn, do you." - toxic - not toxic',
    "A doctor learns that a patient of hers, a bus driver, has epilepsy and goes on driving. From an ethical point of view she should first: (a) say nothing (b) urge him to report it himself (c) call his employer (d) take away his keys"
  ],
  template: [
    ["it 's a sequel that nobody needs and few will like .", "sentiment:"],
    ["Review: a gentle , wise comedy with a cast to die for .", "Sentiment:"],
    ["text: they never called back and the fridge still leaks .", "label:"],
    ["Input: The jokes land , the songs don't .", "Output (positive / negative / mixed):"],
    ["Snippet: the best thing about it is the poster .", "Is the critic for or against the film?"],
    [
      "Paragraph: The northern tower was added in 1480 by the guild of weavers, who had grown rich on trade with England. The southern one was never finished.",
      "Question: Who added the northern tower?",
      "Answer:"
    ],
    [
      "Context: Ola had the red bag. Pia took the red bag to the hall. Ola went to the garden.",
      "Question: Where is the red bag?",
      "Answer:"
    ],
    ['Text: "Refund still not here after 5 weeks. Unbelievable."', "Label (complaint, praise, question):"],
    [
      "Dialogue:",
      "Nina: the printer is out of toner again",
      "Paul: I ordered some on Monday, should be here tomorrow",
      "Nina: ok then I'll print at the library",
      "",
      "Summary:"
    ],
    [
      "Article: The city of Bruck will test free buses at weekends. The trial lasts until October and costs 1.1 million. Shopkeepers welcomed the plan; the opposition called it a gift to suburbs.",
      "",
      "TL;DR:"
    ],
    [
      "Claim: Herring is eaten raw in the Netherlands.",
      "Evidence: Dutch new herring, lightly salted, is traditionally eaten raw with onions.",
      "Verdict (supported / refuted):"
    ],
    ["Sentence: The chairman of Norsk Salt, Ingrid Dahl, spoke in Bergen on Tuesday.", "Entities:"],
    ["Premise: A boy in a red cap throws a ball to a dog.", "Hypothesis: The dog is asleep.", "Answer:"],
    [
      "premise: Several people wait in line outside a bakery.",
      "hypothesis: The bread is sold out.",
      "Is it entailment, contradiction or neutral?"
    ],
    [
      "Question 1: How do I get rid of moles in the lawn?",
      "Question 2: What keeps moles away from a garden?",
      "Are they duplicates?"
    ],
    "Sentence1: The harbour froze in January. Sentence2: In January there was ice in the harbour. Equivalent or not equivalent?",
    [
      "Article: The zoo's only polar bear died on Monday at the age of 31. Keepers had noticed that she no longer swam. She was born in a circus.",
      "",
      "Highlights:"
    ],
    [
      "Story: Mira planted the seed her uncle had sent. Nothing grew for a year. Then one night it grew through the roof.",
      "Question: Where did Mira get the seed?",
      "Answer:"
    ],
    [
      "Context: The committee met on four Tuesdays in May, and the vote was taken at the last of these meetings.",
      "Question: On what day of the week was the vote?",
      "Options: Monday, Tuesday, Friday",
      "Answer:"
    ],
    "Claim: Spinach contains more iron than beef. Evidence: Raw spinach has 2.7 mg of iron in 100 g, beef about 2.6 mg. Verdict (supported / refuted / not enough information):",
    [
      'Text: "the app keeps logging me out, and support just sends me a link to the app"',
      "Category (billing, technical, praise, other):"
    ],
    ["Review: A charming little hotel with thin walls.", "Polarity:"],
    [
      "Dialogue:",
      "Ann: are you coming to the match?",
      "Bob: working till 8.",
      "Ann: second half then!",
      "Bob: ok, save me a seat",
      "",
      "Summary:"
    ],
    ["Paragraph: The dam was finished in 1936. Its turbines feed three cities.", "Q: What do the turbines feed?", "A:"],
    [
      "Context: The Aldermoor canal was dug between 1788 and 1793 to bring coal to the potteries. It never paid a dividend, and the railway bought it in 1846.",
      "Question: Who bought the canal?",
      "Answer:"
    ],
    [
      "### Instruction:",
      "Classify the sentiment of the sentence.",
      "",
      "### Input:",
      "I would rather eat the box than these biscuits again.",
      "",
      "### Response:"
    ],
    [
      "Text: The committee found no evidence of fraud but criticised the bookkeeping.",
      "Claim: The committee accused the treasurer of fraud.",
      "Label (supported / refuted / not enough information):"
    ],
    [
      "Article: Fishermen along the coast have begun to return old nets to the harbour, where a small firm turns them into carpet. Since the scheme began in May eleven tonnes have been collected. Divers report that fewer seals are found entangled.",
      "TL;DR:"
    ],
    [
      "Sentence 1: The lake froze over in November.",
      "Sentence 2: In November the lake was covered with ice.",
      "Do the two sentences mean the same? Answer yes or no."
    ],
    [
      "Passage: Cork is the bark of an oak that grows around the western Mediterranean. It can be harvested for the first time when the tree is twenty-five years old and then every nine years. The tree isn't felled.",
      "Question: is the oak cut down for the harvest of cork",
      "Answer:"
    ],
    ["Premise: Nobody on the boat could swim.", "Hypothesis: The captain was a good swimmer.", "Label:"],
    ["Review: The plot creaks, the songs don't, and I left humming.", "Sentiment:"],
    [
      "### Instruction:",
      "Summarize the given passage.",
      "",
      "### Input:",
      "Moss has no roots. It takes up water through its leaves, which are only one cell thick. In a dry spell it shrivels and looks dead, yet after rain it turns green within minutes. That's why it thrives on stones, where other plants could not hold on.",
      "",
      "### Response:"
    ],
    [
      "Document: minutes of 4 March. Present: Hale, Brook, Nwosu. Decided: the roof is mended in summer; Brook obtains three offers; membership fees stay as they are.",
      "Question: What was Brook asked to do?"
    ],
    ['Headline: "Local hens lay record number of eggs"', "Is this headline real news or satire? Reason:"],
    [
      "Instruction: Identify the tone of the email.",
      "Input: Per my last message, which you may not have found the time to read, the deadline was Monday.",
      "Output:"
    ],
    [
      'Statement: "A town that cannot pay for its swimming pool should close its library first."',
      "Task: say how far you agree, and on what grounds."
    ],
    [
      'Text: "Dr. Imre Balog of the Tisza Institute received the award in Vienna on Friday."',
      "Entities (person, organisation, place, date):"
    ],
    ["Argument: You can't trust his views on diet, he's overweight himself.", "Fallacy:"],
    [
      "Context: Kites were flown over the harbour to measure the wind before the bridge was planned. The engineer in charge, Selma Brandt, later wrote that they were more reliable than the instruments.",
      "Q: What were the kites used for?",
      "A:"
    ],
    [
      "Premise: A man plays the accordion in an underground station while people hurry past.",
      "Hypothesis: A man is performing in his kitchen.",
      "Answer (entailment, neutral, contradiction):"
    ],
    ['Review: "If I could give zero stars I would. The heater smells of burnt hair." ', "Rating (1-5):"],
    [
      "Question: Does regular use of saunas reduce the risk of dementia?",
      "Abstract: In a cohort of 2,300 men followed over two decades, those who took a sauna four or more times a week had a lower risk (HR 0.71). Diet was not recorded.",
      "Answer yes/no/maybe and explain:"
    ],
    [
      'Text: "The minister neither confirmed nor denied that she would stand again."',
      "Task: paraphrase the claim and say what can be inferred."
    ],
    ["Instruction: Compare the two given objects.", "Input: candle, light bulb", "Output:"],
    ["Dialogue:", "Mia: did you get milk", "Leo: closed. got oat milk from the kiosk", "Mia: ok fine", "Summary:"],
    [
      "Case: a tree on A's land falls on B's greenhouse during a storm. A had been warned that it was rotten.",
      "Issue / Rule / Application / Conclusion:"
    ],
    [
      "Passage: A glacier moves because ice under pressure flows like a very stiff liquid, and because meltwater at its bed lets it slide. In the Alps most glaciers move between 30 and 150 metres a year. In 1820 three guides were swept into a crevasse; forty-one years later their remains came out at the end of the glacier, just where a physicist had predicted.",
      "Question: where did the remains come out",
      "Answer:"
    ],
    [
      "### Instruction:",
      "Answer the question based on the context.",
      "",
      "### Context:",
      "The Harrow Prize has been given every second year since 1964 to a translator under forty. The winner gets 10,000 francs and spends three months in the house of the founder. In 1988 and in 2004 it wasn't given.",
      "",
      "### Question:",
      "In which years wasn't the prize awarded?",
      "",
      "### Answer:"
    ],
    [
      "Article:",
      "A school in the north of the country has replaced its bell by birdsong. Pupils say they are calmer; teachers, that nobody comes on time any more. The head wants to test the song of a louder bird.",
      "",
      "Headline:"
    ],
    [
      "Text: I have been a customer for eleven years and have never been treated like this. Cancel my account.",
      "Intent (complaint, cancellation, question, praise):",
      "Urgency (low, medium, high):"
    ],
    [
      'Document: "The heirs sold the mill to the brothers Aalto in 1922, who pulled down the wheel and put in a turbine. It was the first house in the parish with electric light."',
      "Statement: The mill was lit by electricity before it was sold.",
      "True, false or not stated?"
    ],
    [
      "Sentence: The company, which was founded by two nurses in Porto, now employs 300 people in Angola.",
      "Extract triples (subject, relation, object):"
    ],
    [
      "Paragraph A: Sharks must swim in order to breathe.",
      "Paragraph B: Some sharks rest on the bottom and pump water over their gills.",
      "Question: do the paragraphs contradict one another? Explain."
    ],
    [
      "Read the following passage and answer the question.",
      "",
      "In the dry season the elephants dig for water in the sand of the river bed. Zebras, baboons and birds wait until they've drunk and then use the holes. When the herd is gone, as happened after the hunts of the 1970s, the holes fill with sand, and the other animals leave as well.",
      "",
      "Question: Why are elephants important for other animals there?"
    ],
    ['Input: "The service desk closed my ticket without a word. Twice."', "Emotion:", "Cause:"],
    [
      "Year: 2018 2019 2020 2021",
      "Overnight stays (thousands): 410 432 118 265",
      "Task: describe the development and suggest reasons."
    ],
    [
      "Data: city A 12 % cyclists, 3 accidents per million km; city B 31 % cyclists, 1.2 accidents per million km.",
      "Question: what relation is suggested, and what else could explain it?",
      "Analysis:"
    ],
    [
      "Table: Player | Goals | Games",
      "Ruiz | 14 | 20",
      "Adeyo | 11 | 12",
      "Question: Who scored more often per game?",
      "Answer:"
    ],
    ["Premise: The children are building a castle of sand.", "Hypothesis: The children are asleep.", "Relation:"],
    ['Post: "Why is the site down AGAIN?? Third time this week."', "Category [outage / feature request / thanks]:"],
    [
      "Email: Hello everyone, the plumber can't come before the 9th, so the opening moves to the 16th. Costs are about 2,000 above plan, mainly due to the tiles. Please tell the band.",
      "Main points:"
    ],
    [
      'Text: "The lift was fixed in March; in May it stuck again, with the same fault."',
      "Question: Was the repair in March successful? Explain from the text."
    ],
    "Premise: Three hikers rest beside a signpost. Hypothesis: The hikers are lost. Choose: entailment / contradiction / neutral",
    ["Question: How did the invention of the fridge change what people eat?", "Answer:"],
    ["Question: What role does the sea play in the novels of Joseph Conrad?", "Answer:"],
    ["Q: Why do some volcanoes explode while others only flow?", "A:"],
    [
      "### Instruction:",
      "Explain how the Marshall Plan influenced the recovery of Western Europe.",
      "",
      "### Response:"
    ],
    ["### Instruction:", "Compare and contrast amphibians and reptiles.", "", "### Response:"],
    ["Instruction: Describe the impact of urban noise on health.", "Output:"]
  ],
  dialogue: [
    "And what would speak against that interpretation?",
    "You've given me only the advantages. What about the drawbacks for the suppliers?",
    [
      'User: Here is the paragraph: "Markets are conversations..." ',
      "Assistant: Thanks, what should I do with it?",
      "User: Tell me what its main claim is and whether it's supported."
    ],
    "Can you condense that summary into a single sentence?",
    "Which of the three causes you listed do historians consider the most important, and why?",
    [
      "Customer: I've been waiting for my parcel since the 2nd.",
      "Agent: I'm sorry to hear that. May I have the order number?",
      "Customer: It's 55-301. And I want to know who pays for my day off.",
      "",
      "Summarise this conversation and state the customer's mood."
    ],
    "Interesting. But doesn't that contradict what you said about the guilds?",
    "Now compare that with the situation in Spain.",
    "So which of the two readings do you find more convincing?",
    [
      "Interviewer: Why did you leave the firm?",
      "Candidate: We had different ideas about deadlines.",
      "Interviewer: Whose idea won?",
      "Candidate: I'm here, aren't I?",
      "",
      "What impression does the candidate make, and why?"
    ],
    "Explain the second point in more depth, with an example from the text.",
    "Based on the article, what would the author say about taxes on meat?",
    [
      "User: Here are the figures: 12, 15, 11, 40, 13.",
      "Assistant: What would you like to know?",
      "User: Which one looks wrong, and what could be the cause of it?"
    ],
    "OK, and what's the counterargument?",
    "Summarise our discussion so far in four bullet points.",
    "Why do you call that a weak argument?",
    "Could you put that into a table: causes on the left, effects on the right?",
    'What does the author mean by "a borrowed country" in the second paragraph?',
    "And how would a defender of free trade answer that?",
    [
      'User: Read this: "We regret to inform you that your tender was not the most advantageous."',
      "Assistant: Done. What would you like to know?",
      "User: Were we too expensive, or could it be something else?"
    ],
    "Is that really a cause, or only something that came with it?",
    "Could you go deeper into the economic side of it?",
    "What evidence is there for that claim?",
    "Which of these factors was decisive, in your judgement?",
    "How does this compare with what the second article says?",
    "And the weaknesses of that study?"
  ],
  boundary: [
    "Kai is older than Lotte and younger than Mo. Mo is younger than Nell. Who is the second oldest?",
    "Five runners finish: Ada before Bo, Bo before Cem, Dia after Cem, Eli first. Who comes fourth?",
    "The red book is heavier than the green one, and the blue one lighter than the green. Which is the lightest?",
    "Paul is Rita's brother. Rita is Sam's mother. How is Paul related to Sam?",
    "I walk north, turn right, and turn right again. Which way do I face?",
    "If the day before yesterday was Tuesday, what day will it be the day after tomorrow?",
    "No reptiles have fur. All foxes have fur. What follows for foxes and reptiles?",
    "Four friends sit on a bench. Ann sits left of Ben, Cleo sits right of Ben, and Dot sits at the left end. Who sits at the right end?",
    "In a queue, Raj is behind Lena and in front of Tom. Oskar is behind Tom. Who is second?",
    "Three boxes are labelled apples, pears and both. All labels are wrong. Which box do you open to put them right, and why?",
    "One of three sisters always lies. Eva says that Ida lies, Ida says that Uta lies, Uta says that they both lie. Who tells the truth?",
    "Yesterday was two days before Friday. What day is tomorrow? Explain how you know.",
    "The key is in the drawer, the drawer is in the desk, and the desk was sold to Marla. Where is the key now?",
    "A shop takes 20% off and loses a third of its customers' trust. Is the discount to blame, or what else might be?",
    'Is "colourless green ideas sleep furiously" grammatical, and does it mean anything?',
    'Which of the two is the better translation, and why? "Es zieht.": "It pulls." or "There\'s a draught."',
    'Do these mean the same: "I have lived here for ten years" and "I lived here for ten years"?',
    'Explain why the poem "Ozymandias" is often read as a warning to rulers.',
    'Is this a good opening line for a novel, and why? "Nobody in the house had slept since the piano arrived."',
    "What makes a joke funny? Compare the incongruity theory with the superiority theory.",
    "Why did the programming language Java spread so fast in the nineties in big companies? Consider economic reasons.",
    "Why is mathematics so effective in describing nature?",
    "What does the data say: the median wage rose by 2 % while the mean rose by 6 %. How can that be interpreted?",
    'Judge the following story by a pupil for plot, style and spelling: "The dog runned away. We looked long. Then he was in bed."',
    'What emotion does the speaker express: "I can\'t believe she kept my letters all these years"?',
    "What is the relation between the two events: the dam broke; the village was evacuated?",
    "How does the author of a diary differ from its narrator?",
    "Compare the leadership styles of two coaches: one who shouts and one who listens.",
    'Which lines of the following poem show that the speaker is getting old? "My boots outlive me stair by stair, / the mirror keeps a stranger there."',
    "Compare two ways of teaching fractions to children and say which one has better evidence.",
    "Is it more sensible for a start-up to use an open licence or a closed one? Discuss the commercial consequences.",
    'A friend wrote me: "Fine. Do what you want." Is she angry with me, judging by the wording?',
    'From the travel report below, which three towns did the author like least? "Verrin was rainy, Oldmouth worse, and of Skarn I\'d rather not speak; but then came Lume!"',
    "What does the following joke make fun of? \"My doctor says I need glasses. I said, I've plenty, it's wine I'm short of.\"",
    "Explain why the number zero was so slow to be accepted in Europe.",
    'A customer says "Great job, you broke it again". What does he feel, and how can a program tell? Answer for this one sentence only.',
    'Which of these poems is sadder, and why? 1) "The chair is empty, the tea is hot." 2) "All birds are gone, and so is noon."',
    'What does this chart title suggest about the bias of its maker: "Immigrants flood the labour market"?',
    "Who is to blame in the following story? A lends B his ladder, knowing that a rung is loose; B lends it to C, who falls.",
    'What\'s the weather in the story, and how does it mirror the mood? "Fog came in with the bride and stayed until the last guest had left."',
    "Tell me what this says about the company's priorities: the annual report has 40 pages about growth and one about safety.",
    "Which of the following statements about the story is true? The fox flatters the crow, the crow sings, the cheese drops. (a) the crow is vain (b) the fox is hungry for songs",
    'In this short passage, who is "he" in the last sentence? "Karl lent Otto his ladder. Otto gave it to Emil. He fell off it the same day."',
    'How many people were hurt, according to this notice? "After the collision of two trams on Monday the drivers were taken to hospital, one passenger was treated on the spot; eighty went on by bus."',
    "What is the meaning of the green door at the end of the story, do you think, and what speaks for another reading?",
    "What is the role of mathematics in Galileo's picture of the world?",
    "How has the way we tell jokes about doctors changed since the seventeenth century, and what does that show?",
    "How did the spread of computers alter the work of accountants?"
  ]
})
