/**
 * Exemplars of analysis: judging, comparing, classifying, summarising, extracting and explaining, mostly over
 * something attached. How to label, and what the forms mean, stands in Exemplar.ts.
 */
import { type Exemplar, exemplars } from "./Exemplar.ts"

export const analysis: ReadonlyArray<Exemplar> = exemplars({
  bare: [
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
    "What differentiates a common-law system from a civil-law one, and what follows for contracts?"
  ],
  terse: [
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
    "impact of remote work on city centres"
  ],
  sloppy: [
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
    "how did geography influence the ancient egypt civilisation"
  ],
  spoken: [
    "I've been reading about universal basic income and I can't make up my mind, so could you lay out the strongest arguments on both sides and say where the evidence is thin?",
    "So our sales dropped by a fifth after we changed the packaging, but the same month a competitor opened across the road, and I'd like to know how I could tell which of the two it was.",
    "Okay, here's a review a guest left us: \"Lovely view, but we couldn't sleep for the noise from the kitchen.\" Would you say that's mostly positive or mostly negative?",
    'Could you go through this contract clause with me and tell me what it really obliges me to do? It says: "The tenant shall keep the premises in good repair, fair wear and tear excepted."',
    "We read Antigone in class and my teacher said that both she and Creon are right. How can that be?",
    "I keep hearing that correlation isn't causation, and there's this study saying that people who own pianos live longer, so what might be behind that?",
    "Right, so I have two job offers on the table for the company's pension fund manager, and I'd need a comparison of defined benefit and defined contribution schemes from the employer's point of view.",
    "My colleague says that since crime fell after the cameras were put up, the cameras work. What's wrong with that reasoning, if anything?"
  ],
  formal: [
    "Critically examine the assertion that technological progress inevitably reduces employment.",
    "Provide an executive summary of the attached minutes, highlighting decisions and open points.",
    "Discuss how well reasoned you find the following argument, with regard to its line of reasoning and the use of evidence.",
    "Examine the constitutional implications of delegating legislative power to agencies.",
    "Determine whether the hypothesis is entailed by the premise, contradicted by it, or neither.",
    "To what extent was appeasement a rational policy in the circumstances of 1938?",
    "Evaluate the internal and external validity of a study that recruits its participants through social media.",
    "Elaborate upon the differences between mitosis and meiosis and their consequences for genetic variation.",
    "Extract all parties, dates and amounts from the agreement reproduced below.",
    "Analyse the rhetorical devices employed in the closing paragraph."
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
    'You are a debate coach. Point out the weakest step in this argument: "We banned phones, and grades rose; hence phones were the cause."'
  ],
  long: [
    "A town of forty thousand closed its main street to cars two years ago. Since then footfall has gone up by a third, but several long-standing shops have shut, rents have risen, and the bus that used to pass through now takes ten minutes longer. The mayor calls it a success; the chamber of commerce calls it a disaster. Which figures would you need in order to judge, what are the confounders, and what would you conclude provisionally from what is known?",
    'The following appeared in a memorandum from the director of a chain of swimming pools: "Last year we lowered the temperature of the water by one degree in our northern branch, and the number of visitors there rose by eight per cent. We should therefore lower the temperature in all our branches, which will both save energy and attract more visitors." Discuss how well reasoned this argument is. Consider what questionable assumptions underlie it and what evidence might weaken the conclusion.',
    "Consider a company that makes paper bags. It has one large customer, which buys sixty per cent of its output, two smaller ones, and a machine that is twenty years old. A supplier offers a new machine on lease. The large customer has hinted that it might make its own bags from next year. Weigh the options of the owner, with the risks of each, and say which information would change your mind.",
    "In the last decade more and more museums have been asked to return objects that were taken in colonial times. Some have done so, others lend them permanently, others refuse, saying that they preserve them for all mankind. Examine the arguments on each side. Which rest on law, which on morality, and which on practical matters? Are there cases in which the answer ought to differ?"
  ],
  constrained: [
    "Summarise the plot of Macbeth in five bullet points, then name two themes with one quotation each.",
    "Compare tea and coffee plantations in a table with rows for labour, water, climate and price risk; finish with a one-sentence verdict.",
    "List three advantages and three disadvantages of electing judges, each with an example.",
    'Answer only with POSITIVE, NEGATIVE or NEUTRAL: "The seats are fine, I suppose."',
    "Explain in under 150 words why house prices fell in 2008, for readers without economics.",
    'Extract the names and the years as JSON with keys "person" and "year": "Ines Halloran took over the mill in 1911 and left it to Tom Brandt in 1938."',
    "Give me the key points of the text below as a numbered list, no more than six, each under fifteen words."
  ],
  passage: [
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
    ]
  ],
  table: [
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
    ]
  ],
  choice: [
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
    'Classify the topic of this headline as sport, politics, business or science: "Minister resigns over rail contract"'
  ],
  template: [
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
    ]
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
    ]
  ],
  boundary: [
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
    "Compare the leadership styles of two coaches: one who shouts and one who listens."
  ]
})
