/**
 * Exemplars of math: whatever is to be calculated, solved or proved. How to label, and what the forms mean, stands in
 * Exemplar.ts.
 */
import { type Exemplar, exemplars } from "./Exemplar.ts"

export const math: ReadonlyArray<Exemplar> = exemplars({
  bare: [
    "What is the derivative of x^3 sin x?",
    "A baker sells 48 rolls in the morning and half as many in the afternoon. How many rolls does she sell that day?",
    "Solve for x: 5x - 7 = 3x + 11.",
    "What is 17% of 2,340?",
    "Find the area of a triangle with sides 7, 8 and 9.",
    "Prove that the square root of 3 is irrational.",
    "Liam has three times as many marbles as Yusuf. Together they have 76. How many has each?",
    "What is the probability of rolling at least one six with three dice?",
    "Calculate my BMI: I am 1.82 m tall and weigh 77 kg.",
    "How many ways are there to seat five people at a round table?",
    "Evaluate the integral of x e^x from 0 to 1.",
    "Simplify (2a^2 b)^3 / (4ab^2).",
    "A train leaves at 9:40 and arrives at 13:15. How long is the journey?",
    "If six painters need ten days for a hall, how long do four of them need?",
    "Find the greatest common divisor of 252 and 198.",
    "Convert 72 km/h into metres per second.",
    "Determine the inverse of the matrix [[2, 1], [5, 3]].",
    "What is the sum of the first 60 odd numbers?",
    "Let f(x) = 3x + 2 and g(x) = x^2. What is f(g(4))?",
    "How many litres of paint are needed for a wall of 24 square metres if one litre covers 6?",
    "Divide 4,095 by 13.",
    "Show that the sum of two even integers is even.",
    "If 1,200 people live in a village and 15% of them move away, how many remain?",
    "Tina bought 4 notebooks at $2.75 each and paid with a $20 bill. How much change does she get?"
  ],
  terse: [
    "348 * 27",
    "square root of 1764",
    "2/3 + 5/8",
    "solve x^2 - 9x + 14 = 0",
    "factor 6x^2 + 11x - 10",
    "lim x->0 (sin 5x)/x",
    "35% of 480",
    "integral of ln x",
    "-14 + 9 - (-3)",
    "log base 2 of 512",
    "15 choose 4",
    "standard deviation of 3, 7, 7, 11",
    "volume cone r=4 h=9",
    "7! / 5!",
    "slope through (2, 5) and (6, -3)",
    "eigenvalues [[4,1],[2,3]]",
    "12 miles in km"
  ],
  sloppy: [
    "whats 15 times 23",
    "if i have 12 apple and give 5 to my frend how many i have left",
    "how do i solve 3x+5=20",
    "sarah has 24 candys she gives 1/3 to tom and 1/4 of the rest to ann how much left",
    "find x if 2 to the power x is 64",
    "a shirt cost 40 dollar and is 25 percent off what i pay",
    "help i need the area of circle with radius 6.5",
    "what is the mean and median of 4 8 15 16 23 42",
    "if train goes 60 mph how long for 210 miles",
    "calc 18.5 + 7.25 * 4 plz",
    "prove that sum of angels in triangle is 180",
    "i earn 2400 a month and spend 3/5 of it how much do i save in a year",
    "whats the probability to get 2 heads in 3 coin flip",
    "HOW MANY SECONDS ARE IN 3 DAYS AND 4 HOURS",
    "differentiate y = (3x-1)^5",
    "find lcm of 12 15 and 20 step by step"
  ],
  spoken: [
    "Okay, so I'm putting down a deposit of eight hundred on a car that costs nine thousand six hundred, and I pay the rest over forty months without interest. What do I pay a month?",
    "My recipe is for six people and takes 450 grams of flour, but we'll be fourteen. How much flour do I need?",
    "I've a rectangular garden, twelve metres by seven and a half, and I want a fence all round with a gate of one metre. How much fence is that?",
    "Could you help me with my homework? It says: the sum of three consecutive integers is 87, find them.",
    "So we split the bill four ways, it was 132 dollars and we want to tip 18 percent, so what does each of us pay?",
    "If I invest a thousand euros at four per cent, compounded every year, what have I got after ten years?",
    "Let's say a pool fills through one pipe in three hours and through another in five. How long does it take with both open?",
    "I'm struggling with this one: two cars start from the same town in opposite directions, one at 50, the other at 65 kilometres an hour, and when are they 345 kilometres apart?",
    "Alright, there are twenty balls in a bag, eight are red, and I draw two without putting back. How likely is it that both are red?"
  ],
  formal: [
    "Determine all real solutions of the equation |2x − 5| = x + 1.",
    "Prove by induction that 1 + 2 + … + n = n(n+1)/2 for every positive integer n.",
    "Let G be a finite group of order 15. Show that G is cyclic.",
    "Compute the determinant of the following matrix and state whether it is invertible: rows (1, 2, 3), (0, 4, 5), (1, 0, 6).",
    "Let X be a normally distributed random variable with mean 50 and standard deviation 8. Find the probability that X exceeds 62.",
    "Show that every bounded monotone sequence of real numbers converges.",
    "Find the equation of the tangent to the curve y = x² − 4x at the point where x = 3.",
    "Suppose that a and b are positive integers with ab = 180 and gcd(a, b) = 6. Determine all possible values of a + b.",
    "Solve the differential equation y' = 2xy subject to y(0) = 3.",
    "Calculate the present value of an annuity of 500 paid at the end of each year for 12 years at an interest rate of 6 %.",
    "How many positive integers less than 1000 are divisible by 7 but not by 11?"
  ],
  persona: [
    "You are a maths tutor. Walk me through 4(2x - 3) = 5x + 9.",
    "Act as a calculator. Reply with the number only: (19 + 6) * 14 / 5",
    "You are a careful mathematician. Think step by step and give the final answer on the last line. A farmer has hens and goats, 30 heads and 84 legs in all. How many goats are there?",
    "Imagine you're a statistics professor and work out the 95% confidence interval for a mean of 41, s = 6, n = 36.",
    "Solve the problem like a patient teacher would: Omar reads 18 pages a day; his book has 414 pages. In how many days is he done?",
    "You are an expert problem solver for competitions. Find the remainder when 7^2025 is divided by 10.",
    "As a bookkeeper, work out the VAT of 19% contained in a gross price of 357 euros.",
    "You are given a mathematical problem. Put your final answer in \\boxed{}. What is the smallest positive integer with exactly 10 divisors?"
  ],
  long: [
    "Farid runs a stall at the market. On Saturday he sold 36 jars of honey at 7 dollars each and 25 candles at 4 dollars each. The stall costs him 45 dollars a day, and each jar costs him 3 dollars to fill. The candles cost him nothing, since his sister makes them. On Sunday he sold half as many jars and twice as many candles. How much profit did he make on both days together?",
    "A school is taking 184 pupils and 12 teachers to the sea. Every bus holds 45 people and costs 310 dollars; every van holds 9 people and costs 75 dollars. The headmistress wants to spend as little as possible, and nobody may stand. How many buses and how many vans should she hire, and what does each person pay if the cost is divided equally?",
    "Mrs. Adeyemi has a rectangular field that is twice as long as it is wide. She puts a path one and a half metres wide around the outside, and the path has an area of 171 square metres. She then sows the field with grass, and a bag of seed is enough for 40 square metres. How long and how wide is the field, and how many bags of seed does she have to buy?",
    "A water tank holds 900 litres. On Monday it was two thirds full. During the night it lost 12 litres an hour for eight hours through a leak. On Tuesday morning a pump filled it at 35 litres a minute until it was full, while the leak went on as before. For about how many minutes did the pump run?"
  ],
  constrained: [
    "Compute 3/7 + 2/5 and give the result as a reduced fraction, then as a decimal to three places.",
    "Solve the system and show all steps: 2x + y = 11, x - 3y = -5. Verify your answer.",
    "Calculate the mean, median, mode and range of 5, 9, 9, 12, 14, 20. Answer in one line.",
    "Answer with a single integer, no explanation: how many diagonals has a convex polygon with 14 sides?",
    "Prove the statement in at most six lines: the product of any three consecutive integers is divisible by 6.",
    "Give the result to two decimal places: 84.6 divided by 7.3, times 2.",
    "Find two different methods to compute the sum 1 + 3 + 9 + ... + 729 and check that they agree."
  ],
  table: [
    ["Sum this column for me:", "12.50", "7.99", "103.00", "45.25"],
    [
      "| x | 0 | 1 | 2 | 3 |",
      "|---|---|---|---|---|",
      "| y | 4 | 7 | 10 | 13 |",
      "",
      "Find the linear function that fits the table."
    ],
    ["Apples 3 kg at 2.40", "Pears 1.5 kg at 3.10", "Plums 2 kg at 1.95", "What is the total?"],
    ["x: 1, 2, 3, 4, 5", "y: 2.1, 3.9, 6.2, 7.8, 10.1", "Compute the least-squares regression line."]
  ],
  code: [
    "Let $f(x) = \\frac{2x+1}{x-3}$ for $x \\neq 3$. Find $f^{-1}(x)$.",
    "Compute $\\sum_{k=1}^{20} (3k - 2)$.",
    "Find the number of ordered pairs $(a,b)$ of positive integers such that $a^2 + b^2 = 325$.",
    "What is the value of $\\sqrt{50} - \\sqrt{18}$ in simplest radical form?",
    "Evaluate \\[ \\int_0^{\\pi/2} \\sin^2 x \\, dx. \\]",
    "In triangle $ABC$, $AB = 13$, $BC = 14$ and $CA = 15$. Point $D$ is the foot of the altitude from $A$. Find $AD$.",
    "If $\\log_3 (x+1) = 4$, what is $x$?",
    "Let $p(x)$ be a monic cubic polynomial with roots $1$, $-2$ and $5$. Find $p(3)$.",
    "Prove that for all $n \\in \\mathbb{N}$ we have $3 \\mid n^3 - n$.",
    "Let $V$ be the vector space of polynomials of degree at most $3$. Determine the dimension of the subspace $\\{p \\in V : p(1) = 0\\}$.",
    "Find the remainder when $2^{100}$ is divided by $13$.",
    "Solve $\\begin{cases} x + 2y = 7 \\\\ 3x - y = 0 \\end{cases}$.",
    "How many subsets of $\\{1,2,\\dots,10\\}$ contain no two consecutive integers?",
    "The complex number $z$ satisfies $z + \\frac{1}{z} = 1$. Find $z^{2025}$."
  ],
  choice: [
    [
      "A man walks 3 km north and then 4 km east. How far is he from his starting point?",
      "A) 5 km",
      "B) 6 km",
      "C) 7 km",
      "D) 12 km"
    ],
    [
      "The price of a coat was raised by 20% and then lowered by 20%. Compared with the original price it is now",
      "(a) the same (b) 4% lower (c) 4% higher (d) 2% lower (e) none of these"
    ],
    "Which of the following numbers is prime? A. 51 B. 87 C. 91 D. 97",
    "The average age of four sisters is 15. The youngest is 9. What is the average age of the other three? Options: A)16 B)17 C)18 D)19 E)20",
    "What is the next term in the sequence 2, 6, 12, 20, 30, ...? (1) 36 (2) 40 (3) 42 (4) 44"
  ],
  template: [
    [
      "Question: A gardener plants 14 rows of 23 tulips. A third of a row is eaten by snails. How many tulips are left, rounded down?",
      "Answer:"
    ],
    [
      "Q: Paul has $65. He buys two books for $12.50 each and a pen for $3.20. How much money is left?",
      "A: Let's think step by step."
    ],
    ["### Instruction:", "Solve the equation.", "", "### Input:", "7y + 4 = 53", "", "### Response:"],
    ["Problem: Find all integers n for which n^2 + 5n + 6 is a prime number.", "Solution:"],
    ["Theorem. Every tree with at least two vertices has at least two leaves.", "Proof."],
    ["Given: radius = 3.2 cm, height = 10 cm", "Find: surface area of the closed cylinder"]
  ],
  dialogue: [
    "Are you sure? I get 42 when I do it on paper. Please check the second step.",
    "And what if the radius were twice as large?",
    ["User: What's 12 squared?", "Assistant: 144.", "User: And plus 15% of that?"],
    "How did you get from the second line to the third, where the minus sign disappears?"
  ],
  boundary: [
    "A poet writes 14 lines a day. How many sonnets of 14 lines does she finish in the month of June?",
    "A programmer writes 120 lines of code an hour and deletes a quarter of them. How many lines are left after six hours?",
    "A story has 12 chapters of 18 pages each, and Nell reads 27 pages an evening. How many evenings does she need?",
    "If Rome was founded in 753 BC, how many years passed until 476 AD?",
    "I feel like I'm overpaying: my loan is 12,000 at 5.4% for 36 months. What should the monthly payment be?",
    "In a survey of 640 people, 5/8 liked the new logo. How many did not?",
    "How many days are there between the 3rd of March and the 19th of August?",
    "A country has 8.4 million inhabitants and grows by 1.2% a year. How many will it have in 5 years?",
    "How many handshakes are there if 23 guests all greet each other?",
    "Half of the songs on a record of 14 are about love, and two of these are sad. What fraction of all songs are sad love songs?",
    "What is the angle between the hands of a clock at 3:40?",
    "A ball is thrown upwards at 20 m/s. How high does it get if g = 9.8?"
  ]
})
