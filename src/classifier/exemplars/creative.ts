/**
 * Exemplars of creative: text to be invented or restyled, from poems and stories to slogans, names, posts and emails.
 * How to label, and what the forms mean, stands in Exemplar.ts.
 */
import { type Exemplar, exemplars } from "./Exemplar.ts"

export const creative: ReadonlyArray<Exemplar> = exemplars({
  bare: [
    "Write a short story about a lighthouse keeper who receives letters from the sea.",
    "Compose a sonnet on the smell of rain on hot asphalt.",
    "Give me ten ideas for a children's birthday party with an underwater theme.",
    "Write a product description for a handmade walnut desk lamp.",
    "Invent a myth that explains why owls can turn their heads so far.",
    "Come up with a slogan for a bakery that only opens at night.",
    "Write a dialogue between a retired pirate and his dentist.",
    'Rewrite the sentence "The meeting was cancelled" in the style of a Victorian novel.',
    "Draft an email to my team announcing that our office dog is retiring.",
    "Describe a city built entirely on the backs of sleeping giants.",
    "Write a limerick about a cat who hates Mondays.",
    "Suggest five names for a start-up that rents out tents.",
    "Write the opening paragraph of a detective novel set in a submarine.",
    "Create a fantasy character with a name, a past and a fatal weakness.",
    "Write a song about leaving a small town, with a verse and a chorus.",
    "Write a blog post about the pleasures of walking to work.",
    "Imagine the moon could speak for one night. What would it say?",
    "Tell me a story about two brothers who inherit a haunted ferry.",
    "Write a farewell speech for a colleague who leaves after thirty years.",
    "Write a LinkedIn post announcing that I have become a project manager.",
    "Make up a bedtime story with a shy dragon in it.",
    "Write an advertisement for a pen that never runs dry.",
    'Paraphrase this so it sounds friendlier: "Your application is incomplete."'
  ],
  terse: [
    "haiku, autumn, loneliness",
    "story about a broken clock",
    "band name ideas, two words, melancholic",
    "tagline for a bicycle courier service",
    "love letter to a potato",
    "Poem: my grandmother's hands",
    "rap verse about doing taxes",
    "villain monologue, space opera",
    "instagram caption sunset beach funny",
    "acrostic for the name OSCAR",
    "plot twist ideas for a murder mystery",
    "elevator pitch, fictional, cloud-shaped umbrellas",
    "wedding toast best man short",
    "horror story in two sentences",
    "wifi name puns",
    "DnD tavern names"
  ],
  sloppy: [
    "write me a poem for my gf she likes stars and pizza",
    "pls write story about a boy that found a dragon egg in his school",
    'can u make this sound more professional: "hey boss im sick cant come in"',
    "need a funny caption for my dog sleeping upside down",
    "give me some ideas for a youtube channel about fishing",
    "write essay about my best friend 200 word simple english",
    "make a rap battle between a toaster and a fridge lol",
    "i want a scary story to read at camp fire not too long",
    "rewrite this nicer: ur late again and i am tired of waiting",
    "think of a name for my new coffee shop its near the river",
    "write a song like country music about my truck breaking down",
    "need cool username ideas for gaming something with wolf",
    "please create the slogan for our company of cleaning windows",
    "can you write a breakup text thats not mean",
    "WRITE A STORY ABOUT A CHICKEN WHO WANTS TO BE PRESIDENT",
    "do me a poem that rhymes about friday"
  ],
  spoken: [
    "So it's my parents' fortieth anniversary next week and I'd love a little poem I can read out, something warm, about how they met at a bus stop.",
    "I'm stuck on my novel. My heroine has just found the map, and I need a scene where her rival steals it on the night train. Could you write that for me?",
    "Hey, could you brainstorm a few titles for a podcast where two sisters talk about bad films?",
    "We're launching a hot sauce, quite a mad one, made with blueberries, and what we'd need is a punchy text for the label.",
    "Let's do something fun. Tell me the tale of Little Red Riding Hood, but from the wolf's lawyer's point of view.",
    "I have to give a speech at my sister's graduation and I've no idea how to begin, so could you just write one, about two minutes, a bit funny?",
    "Okay so imagine a world where nobody can lie, and write me the first date of two people there.",
    "Could you take this paragraph from my cover letter and make it a bit livelier without changing what it says?",
    "My daughter wants a story where she, Mia, and her stuffed rabbit sail to an island made of pancakes.",
    "I'd like you to write a letter from a soldier to his mother, set sometime in winter, sad but not hopeless."
  ],
  formal: [
    "Compose a press release announcing the opening of a museum devoted to buttons.",
    "Kindly draft an invitation to the annual dinner of a society of amateur astronomers.",
    "Prepare a persuasive essay of approximately five hundred words in favour of school gardens.",
    "Produce a monologue in blank verse, delivered by a deposed king to his remaining servant.",
    "Write a descriptive passage evoking a railway station at dawn, employing at least two extended metaphors.",
    "Please write a letter of recommendation for a student of botany who is applying for a scholarship.",
    "Develop a marketing campaign concept for a new line of biodegradable toys, including three headlines.",
    "Draft an email declining an invitation to speak at a conference, courteous in tone.",
    "Create an allegorical tale in which the seasons contend for a throne.",
    "Compose an elegy for a felled oak."
  ],
  persona: [
    "You are a poet of the Romantic age. Write about a traffic light.",
    "Act as a screenwriter and write a scene where an android is interviewed for a job as a nanny.",
    "You are an advertising copywriter. Write three headlines for a mattress that folds into a suitcase.",
    "I want you to act as a stand-up comedian and write a routine about airports.",
    "Pretend you are Captain Ahab writing an online review of a fishing boat.",
    "As a children's book author, write a story on sharing, with a hedgehog as the hero.",
    "You are the narrator of a nature documentary. Describe an office on Monday morning.",
    "Take the role of a dungeon master and describe the crypt our party has just entered.",
    "You're a songwriter from Nashville; give me a chorus about an empty swing.",
    "Speak like a medieval herald and announce that dinner is served.",
    "System: You write fiction in the second person, present tense. User: A door in the cellar that was not there yesterday."
  ],
  long: [
    "I am running a role-playing campaign set in a desert where water is the currency. The players have just arrived in a city whose wells have gone dry overnight. The ruling family denies it, the merchants are hoarding, and a child claims to have heard singing from below. Write an atmospheric description of their arrival that I can read aloud, some 200 words, and end it with something that makes them choose which way to go.",
    "My grandfather was a clockmaker in a small village by a lake. He spoke little, smelled of oil and apples, and let me wind the big clock in the church once a year. He died in spring, on the day the clocks go forward, which he would have found funny. I'd like a poem for the funeral card, not religious, three stanzas, plain words, no forced rhymes.",
    'Our hotel lies on a cliff, has only nine rooms, no television, and a cook who was once a fisherman. Guests come to read and to sleep. We have never advertised, but now we want a page on our website which makes people feel the quiet before they see the prices. Please write the text for that page, in a calm voice and without the words "luxury" and "escape".',
    "In the year 2190 people can sell years of their memory to a company that uses them to train machines. A woman who has sold her whole twenties is stopped in the street by a man who says he was her husband. Write this scene from her point of view. I want the reader to be unsure until the last line whether he is telling the truth."
  ],
  constrained: [
    "Write a story of exactly five sentences in which each sentence is shorter than the one before.",
    "Write a poem about winter. Four stanzas, ABAB rhyme, no use of the words snow, cold or white.",
    "Generate 15 names for a vegan burger. One word each, no puns, easy to say in Spanish.",
    "Write a 150-word product text for running socks: second person, three bullet points, one call to action, no exclamation marks.",
    "Create a comic dialogue of ten lines between a GPS and a driver who never listens. Last line must be the GPS giving up.",
    "Write a fairy tale in which 1) nobody is a princess, 2) a bridge talks, 3) the ending is sad.",
    "Write a tweet, under 200 characters, announcing a sale of second-hand books. Use two emojis and one hashtag.",
    "Brainstorm 20 uses for an empty jam jar; group them by room.",
    'Give me three versions of this headline: one cheeky, one serious, one mysterious. "New bridge opens on Friday".'
  ],
  passage: [
    [
      "Rewrite the following paragraph so that a ten-year-old would enjoy it:",
      "",
      "The municipal authority has resolved to convert the disused tramway depot into a recreational facility. The works shall commence in the second quarter and are expected to conclude within eighteen months, subject to weather conditions and the availability of materials."
    ],
    [
      "Continue this story:",
      "",
      "The train stopped where there was no station. Ilse wiped the window with her sleeve and saw a man with a lantern counting the carriages under his breath. When he reached hers he stopped, looked up, and said her name."
    ],
    [
      "Make this email sound warmer and shorter.",
      "",
      "Dear Mr Osei, with reference to your message of 3 May I hereby inform you that the item you returned has been received by our warehouse and that the amount will be credited to your account within fourteen working days. Regards, Customer Services"
    ],
    [
      "The old man had promised never to go back to the island. But the letter on the table was written in his own hand, and dated tomorrow.",
      "",
      "Write what happens next, in the same style, around 300 words."
    ],
    ['"I walk to the shop. I buy bread. I go home. It rains."', "", "Turn this into a paragraph full of suspense."]
  ],
  template: [
    [
      "### Instruction:",
      "Write a short poem using the given words.",
      "",
      "### Input:",
      "harbour, glass, Tuesday",
      "",
      "### Response:"
    ],
    "[WP] Every person is born with a number on the wrist: how many times they will be forgiven. Yours has just changed from 1 to 0.",
    "Prompt: You wake up and all colours have changed their names. Story:",
    [
      "Genre: science fiction",
      "Hero: a beekeeper",
      "Setting: a generation ship",
      "Length: 400 words",
      "Write the story."
    ],
    ["Product: a solar-powered kettle", "Audience: hikers", "Tone: dry humour", "Ad copy:"],
    ["Instruction: Rewrite the sentence in a more exciting way.", "Input: The dog ran across the field.", "Output:"]
  ],
  dialogue: [
    "Now make it darker, and let the fox survive.",
    "I like the second verse best. Could you write two more like it?",
    "Can you try again but with a happier ending and without the robot?",
    [
      "User: Give me a name for a pirate ship.",
      "Assistant: The Salty Widow.",
      "User: Ha! Five more, please, and make them gloomier."
    ],
    "Good start! Next chapter, please: they reach the frozen city.",
    "Shorten the speech you wrote and put in a joke about my brother's driving."
  ],
  boundary: [
    "Write a poem about Python, the programming language.",
    "Write a love song to the number zero.",
    "Tell the story of the discovery of penicillin as a fairy tale.",
    "Write a monologue in which a bug explains why it likes living in the code.",
    "Describe the French Revolution as a football match commentary.",
    "Write a rap that explains photosynthesis.",
    "Turn the quadratic formula into a nursery rhyme.",
    'Come up with a riddle whose answer is "spreadsheet".',
    "Write a fictional news report about the day all computers forgot how to count.",
    "Write a conversation between a SQL query and the table it loves.",
    "Make up a funny excuse for why my homework isn't done.",
    "Invent a new holiday and describe how it is celebrated.",
    "Write a short essay on what home means to a migrating bird.",
    "Write three jokes about accountants.",
    "Write a scene in which a therapist treats a vampire who is afraid of blood."
  ]
})
