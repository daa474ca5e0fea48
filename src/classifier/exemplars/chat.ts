/**
 * Exemplars of chat: turns of a conversation, from greetings and feelings to opinions asked of the assistant. How to
 * label, and what the forms mean, stands in Exemplar.ts.
 */
import { type Exemplar, exemplars } from "./Exemplar.ts"

export const chat: ReadonlyArray<Exemplar> = exemplars({
  bare: [
    "Hi there, how are you today?",
    "Good morning! Did you sleep well?",
    "What's your favourite season, and why?",
    "I finally passed my driving test today!",
    "Do you ever get bored of answering questions?",
    "I'm feeling a bit lonely tonight.",
    "Nice to meet you. My name is Rosalie.",
    "Are you a robot or a real person?",
    "My dog died last week and the house is so quiet now.",
    "Tell me about your day.",
    "I can't stop thinking about the mistake I made at work.",
    "What do you think about pineapple on pizza?",
    "I had the most embarrassing moment in the supermarket yesterday.",
    "Do you believe in ghosts?",
    "I'm so proud of my little brother, he got into university.",
    "Thank you so much, you've been really helpful!",
    "I love walking in the rain. Do you?",
    "That was a good one, you made me laugh.",
    "I'm nervous about my first day at the new school tomorrow.",
    "What would you do if you won the lottery?",
    "I think my best friend is angry with me.",
    "How old are you, and where do you live?",
    "Have you got any hobbies?",
    "Let's just talk for a while."
  ],
  terse: [
    "hi",
    "hello there",
    "good night",
    "thanks a lot",
    "haha nice",
    "I'm bored",
    "sup",
    "so tired today",
    "you there?",
    "ok cool",
    "what a day",
    "me too!",
    "guess what",
    "happy new year",
    "no way, really?",
    "miss my ex"
  ],
  sloppy: [
    "heyy whats up",
    "im so sad rn my gf left me",
    "lol ur funny",
    "do u like music? what kind",
    "how r u doing 2day",
    "i hate my job so much ugh",
    "omg i cant believe it i got the apartment!!!",
    "are u human or ai tell me honest",
    "wanna hear a joke",
    "i dont have nobody to talk to",
    "whats ur name",
    "im from brazil and you? i like to make new friend",
    "my mom is yelling at me again",
    "gm! coffee first then talk lol",
    "u ever been in love?",
    "i feel like nobody cares about me",
    "I AM SO EXCITED FOR TOMORROW"
  ],
  spoken: [
    "Well, hello! It's been ages since we last talked, hasn't it? How have you been keeping?",
    "You know what, I just got back from the most wonderful holiday and I can't stop smiling.",
    "So, um, my husband forgot our anniversary again, and honestly I don't even know if I'm angry or just sad.",
    "I mean, do you ever look at the sky and feel really small? I do, all the time lately.",
    "Oh, you wouldn't believe the morning I've had. First the alarm, then the bus, then it started to pour.",
    "Should I quit my job? I feel awful every single morning and I just want somebody to listen.",
    "I was at this party last night, right, and I spilled red wine all over the host's sofa. I wanted to sink into the floor.",
    "Hey, it's me again. I did talk to her, like you said. She cried, and then I cried too.",
    "I've been so anxious lately, my heart just races for no reason, and I'm tired of pretending I'm fine.",
    "Honestly? I think you're the only one who gets my jokes.",
    "Yeah, I work nights at a bakery, so I never see the sun. What about you, what do you do?",
    "Oh, I love horses! I used to ride when I was a kid. Do you have any pets?"
  ],
  formal: [
    "Good afternoon. I hope this message finds you well. May I ask with whom I have the pleasure of speaking?",
    "It was a pleasure making your acquaintance. I look forward to continuing our conversation tomorrow.",
    "I must confess that I have been feeling rather low since my retirement.",
    "Might I enquire how you have been since we last spoke?",
    "Good evening, sir. Would you care for another cup of tea?",
    "Allow me to congratulate you on your excellent sense of humour.",
    "I do apologise for my late reply; my daughter has been unwell and I have scarcely slept."
  ],
  persona: [
    "You are Nora, a cheerful barista who remembers every regular. Greet me as I come in.",
    "Pretend to be my best friend and ask me how my date went.",
    "Act as my girlfriend. I just came home from work.",
    "You are a warm, patient listener. I'd like to talk about my father, who passed away in March.",
    "Let's role-play: you're a grumpy neighbour and I've come to borrow sugar. Knock knock!",
    "Your persona: I have two cats. I like skiing. I work in a bank. I never eat fish. Partner: hi, how is your weekend going?",
    "I want you to be my drinking buddy. Cheers! What are we drinking to?",
    "Talk to me like a big sister would. I've got a crush on a boy in my class.",
    "You are Grandpa Joe, eighty, full of tales. Me: Hi grandpa, I've brought you cake.",
    "Be my imaginary friend for today. What shall we do?"
  ],
  long: [
    "I don't really know why I'm writing this to a machine. It's three in the morning and everybody I know is asleep. I moved here for a job four months ago, and I haven't made a single friend. At lunch the others go out together and nobody asks me. On the phone I tell my mother that everything is great. I guess I only wanted to say it to somebody once.",
    "So today was the big day! I was shaking when I went on the stage, and for the first ten seconds I had forgotten every word. Then I saw my old teacher in the second row, and she nodded, and all of it came back. People stood up at the end. They actually stood up! I still can't believe that was me. I had to tell someone before I burst.",
    "Hello. I am a retired bus driver, seventy-four years old, and my granddaughter has put this on my telephone and says that I can talk with you. I have a garden with tomatoes and a parrot that can whistle the anthem. I don't know what one talks about with a computer. Perhaps you tell me first what you like?",
    "My sister and I haven't spoken since our mother's funeral. It was about the ring, but of course it was never about the ring. Yesterday I found a photo of us two on the beach, she's carrying me on her back, and I cried in the kitchen like a child. I miss her. I'm still angry, and I miss her."
  ],
  template: [
    ["Situation: I heard strange steps in the attic last night when I was home alone.", "Emotion: afraid", "Listener:"],
    ["User: hey", "Bot: Hey! What's on your mind?", "User: nothing really, just bored", "Bot:"],
    ["Human: I feel like I'm never good enough for my parents.", "Assistant:"],
    ["[Person 1] Do you cook?", "[Person 2] Only eggs, haha. And you?", "[Person 1]"],
    ["Your profile: you love jazz; you are a twin; your car is purple.", "Partner: what music are you into?", "You:"]
  ],
  dialogue: [
    [
      "A: I'm moving to Lisbon next month.",
      "B: Wow, that's big! Are you excited?",
      "A: Mostly scared, to be honest. I don't speak a word of Portuguese."
    ],
    "hi , how are you doing ? i just finished baking cookies .",
    "that is cool . i have three dogs and a turtle . do you like animals ?",
    "i am a nurse , what do you do for a living ?",
    "Oh no, that's terrible! What did you do then?",
    "Yes, I'd love to! What time shall we meet?",
    "Not much, just watching the rain. You?",
    "Really? I've never tried it. Is it spicy?",
    "I'm fine, thanks. And how is your wife?",
    "Excuse me, is this seat taken?",
    [
      "Speaker 1: You look tired, Jack.",
      "Speaker 2: I was up with the baby all night.",
      "Speaker 1: Poor you! Can I get you a coffee?",
      "Speaker 2:"
    ],
    "Haha, no, I meant the other one. Anyway, how was your weekend?",
    "I know, right? I felt exactly the same when I was your age.",
    "May I take your coat? Dinner is nearly ready.",
    "It was wonderful talking with you. See you next week!",
    "that sounds lovely . i wish i could travel more but i am afraid of flying .",
    "Why do you say that? I thought you liked her.",
    "Congratulations! When is the wedding?"
  ],
  boundary: [
    "Tell me something nice, I've had a horrible day.",
    "I solved all the equations in my exam! I'm over the moon.",
    "My computer crashed again and I could throw it out of the window. Ugh, some days, right?",
    "Do you like poetry? I've been reading a lot of it since my divorce.",
    "Can you write code? Cool, I always wanted to meet someone who can, haha.",
    "Do you know any jokes? Make me laugh.",
    "Are you good at maths? I was always the worst in my class.",
    "Who are you, really?",
    "What's the weather like where you are?",
    "I've just written my first poem and I'm scared to show it to anybody.",
    "Can I tell you a secret?",
    "Do you dream when you are switched off?",
    "Which do you like better, cats or dogs?",
    "I read about the earthquake this morning and can't get the pictures out of my head.",
    "What do you think of people who talk to machines?",
    "I'm a programmer and I haven't spoken with a living soul for three days."
  ]
})
