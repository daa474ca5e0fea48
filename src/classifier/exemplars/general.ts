/**
 * Exemplars of general: advice, how-to, planning, recommendations, procedures and translation; none of the six tasks.
 * How to label, and what the forms mean, stands in Exemplar.ts.
 */
import { type Exemplar, exemplars } from "./Exemplar.ts"

export const general: ReadonlyArray<Exemplar> = exemplars({
  bare: [
    "How do I fix a leaking tap in the bathroom?",
    "Plan a five-day trip to Lisbon for a couple with a toddler.",
    'Translate "Where can I buy stamps?" into Italian.',
    "Recommend three books on gardening for beginners.",
    "What should I wear to a job interview at a bank?",
    "How can I get red wine out of a white carpet?",
    "Give me a recipe for lentil soup that takes less than thirty minutes.",
    "What is the best way to learn to play the ukulele?",
    "How do I renew a lost passport while I am abroad?",
    "Suggest a weekly workout plan for someone with a bad knee.",
    "How often should I water a rubber plant?",
    "What are some good questions to ask at the end of an interview?",
    "How do I tie a bow tie?",
    "Which documents do I need to open a bank account in Ireland?",
    "How should I prepare for a hike in the Alps in September?",
    "Translate the following sentence into French: The key is under the mat.",
    "What should I feed a stray kitten?",
    "How do I tell my landlord that I want to move out early?",
    "What can I do against ants in the kitchen?",
    "Explain how to change a bicycle tyre."
  ],
  terse: [
    "packing list two weeks Iceland",
    "how to boil an egg",
    "vegan dinner ideas",
    "translate to Spanish: good luck with your exam",
    "remove rust from pan",
    "gift ideas for a 60 year old man",
    "meal plan 1800 calories",
    "best time to visit Japan",
    "sourdough starter instructions",
    "how to get rid of hiccups",
    "things to do in Porto, one day",
    "English to German: library card",
    "descale coffee machine",
    "beginner yoga routine",
    "houseplants for dark rooms"
  ],
  sloppy: [
    "how do i clean my white shoes",
    "best place to eat in rome cheap",
    "whats a good workout for losing belly fat",
    "can u translate this to english: ich habe keine zeit",
    "how to get better sleep i wake up every night",
    "need help to plan my moms 60 birthday party",
    "what to cook with chicken and rice and broccoli",
    "my car makes a clicking noise when i start it what should i do",
    "how long do i need to boil potatos",
    "i have 3 day in berlin what should i see",
    "how can i save money i am student",
    "any tips to learn english fast",
    "how to remove gum from hair",
    "which phone should i buy under 300",
    "what size of dog crate for beagle"
  ],
  spoken: [
    "We've just moved into an old flat and the windows let in a terrible draught, so what could we do about that without spending much?",
    "I'd like to take up running but I'm fifty-three and haven't done anything for years, so how should I start?",
    "My neighbour plays the drums every evening, and I don't want a fight, so how would you bring it up with him?",
    "Okay, so we're eight people for dinner on Saturday, two vegetarians and one who can't eat nuts. What could I make?",
    'Could you tell me how to say "I\'m allergic to shellfish" in Thai?',
    "I need to get from Vienna to Dubrovnik without flying, what's the best way to go about it?",
    "My laptop battery is dead after an hour. Is it worth replacing or should I just get a new one?",
    "Hi, my basil keeps dying on the windowsill. What am I doing wrong?"
  ],
  formal: [
    "Kindly advise on the procedure for registering a limited company in Estonia.",
    "Please outline the steps required to apply for a student visa.",
    "What measures ought one to take before a prolonged absence from home?",
    "Provide guidance on conducting a first appraisal interview with an employee.",
    "Please translate the following notice into Portuguese: Visitors are requested to leave their umbrellas at the entrance.",
    "Which precautions are advisable when storing lithium batteries?",
    "Recommend a schedule for revising twelve subjects within nine weeks.",
    "Describe the procedure for cleaning a fountain pen."
  ],
  persona: [
    "You are a travel agent. I have 1,500 euros and ten days in May, where should I go?",
    "Act as a personal trainer and make me a plan for three days a week at home.",
    "You are a translator. Translate everything I write into Polish. First sentence: My suitcase has not arrived.",
    "As a gardener, tell me when to prune a fig tree.",
    "You are a nutritionist. What should a cyclist eat the night before a race?",
    "I want you to act as a career coach: how do I ask for a rise?",
    "You are a chef. I have leeks, eggs and old bread. What can I cook?",
    "Pretend you're a mechanic and explain to me how to check the oil."
  ],
  long: [
    "I've inherited a piano from my aunt. It stands in her house, on the second floor, and the staircase turns twice. The house must be empty by the end of the month. My own flat is on the ground floor, forty kilometres away. I have never moved anything heavier than a sofa. Whom should I call, what will they need to know, and what should I look out for so that it isn't damaged?",
    "We are a family of five with children of three, seven and twelve, and we would like to spend two weeks in Scotland in July, without a car. The eldest is mad about castles, the middle one about trains, and the little one needs a nap in the afternoon. We would rather stay in two places than in seven. Could you propose an itinerary with rough costs?",
    "I started a new job in a warehouse three weeks ago, and my feet hurt so badly at the end of each shift that I can hardly walk to the bus. I've bought new insoles and they didn't help. What kind of shoes should I look for, are there exercises, and when would one see a doctor about it?"
  ],
  constrained: [
    "Give me a shopping list for one week, vegetarian, under 40 euros, sorted by aisle.",
    "Make a revision timetable: 14 days, four subjects, two hours a day, Sundays free.",
    "List seven steps for setting up a home aquarium, one sentence each.",
    'Translate into Dutch, keep the formal address: "We thank you for your patience."',
    "Recommend five films for a rainy Sunday: no horror, none older than 2000, one line each on why."
  ],
  passage: [
    [
      "Translate the following into English:",
      "",
      "Le train de nuit est parti avec deux heures de retard. Les voyageurs se sont assis sur leurs valises et ont partagé du pain et du fromage."
    ],
    "Correct the grammar: He don't knows where is the station, so he ask to a policeman.",
    'Our landlord wrote: "The boiler will be replaced between the 4th and the 9th. During this time there will be no hot water." We\'ve a baby. What can we ask of him, and how do we manage in the meantime?'
  ],
  table: [
    [
      "I have these in the fridge:",
      "- half a cabbage",
      "- 4 eggs",
      "- yoghurt",
      "- a bit of ham",
      "What can I make for dinner?"
    ],
    [
      "Monday: dentist 10:00",
      "Tuesday: free",
      "Wednesday: school play 17:00",
      "Thursday: shift till 14:00",
      "When could I best fit in two hours of Spanish and a trip to the tip?"
    ]
  ],
  choice: [
    "Should I take the train or fly from Paris to Milan?",
    "Is it better to stretch before or after running?",
    "Which is the better gift for a ten-year-old: a microscope or a skateboard?"
  ],
  template: [
    [
      "### Instruction:",
      "Translate the sentence to Spanish.",
      "",
      "### Input:",
      "The shop closes at eight.",
      "",
      "### Response:"
    ],
    ["English: I would like a room with a view.", "Japanese:"],
    ["Goal: run 10 km in under an hour", "Current level: 5 km in 33 minutes", "Plan:"],
    ["Instruction: Give tips for a better night's sleep.", "Output:"]
  ],
  dialogue: [
    "And which of those would you take with small children?",
    "What if I don't have an oven?",
    "Could you make the plan a bit easier for the first week?"
  ],
  boundary: [
    "Where should I stay in Prague if I like quiet places?",
    "How do I calculate how much wallpaper I need?",
    "How do I write a good CV?",
    "How do I become a programmer at forty?",
    "How can I help a friend who has lost her mother?",
    "What is a good way to memorise poems?",
    "How can I stop procrastinating?",
    "Give me tips for reading a balance sheet."
  ]
})
