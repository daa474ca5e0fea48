/**
 * Exemplars of coding: programs, queries, commands, configuration, bugs, tests, and knowledge of programming. How to
 * label, and what the forms mean, stands in Exemplar.ts.
 */
import { type Exemplar, exemplars } from "./Exemplar.ts"

export const coding: ReadonlyArray<Exemplar> = exemplars({
  bare: [
    "Write a Python function that returns the second largest distinct value of a list of integers.",
    "Implement a least-recently-used cache in Go with O(1) get and put.",
    "How do I remove duplicate rows from a pandas DataFrame but keep the last occurrence?",
    "What is the difference between an abstract class and an interface in Java?",
    "Create a React component that shows a countdown and calls a callback when it reaches zero.",
    "Given a string, return the length of the longest substring without repeating characters.",
    "Write a function to check whether the given binary tree is height balanced.",
    "Show me how to make an HTTP request with a timeout in Rust using reqwest.",
    "Find all files larger than 200 MB under /var that were modified in the last week and print their sizes.",
    "Explain how quicksort picks its pivot and why the worst case is quadratic.",
    "Build a responsive navigation bar with HTML and CSS that collapses into a hamburger menu on phones.",
    "Why does my C program crash with a segmentation fault when I free the same pointer twice?",
    "Add unit tests for a function that parses ISO 8601 durations.",
    "Write a SQL query that returns the three best-paid employees of every department.",
    "Convert a nested dictionary into a flat one whose keys are joined by dots.",
    "Design a REST API for a library that lends board games, with endpoints, status codes and error bodies.",
    "How can I merge two sorted linked lists without allocating new nodes?",
    "Write a regular expression that matches a German postal code followed by a town name.",
    'Replace every occurrence of "foo" by "bar" in all .yml files of the current directory, recursively.',
    "Write a Dockerfile for a Node 20 application that runs as a non-root user.",
    "Sort a list of tuples by the second element in descending order.",
    "Write a function that takes in two numbers and returns a tuple with the second number first.",
    "Implement binary search over a rotated sorted array in C++.",
    "What does the keyword volatile mean in C, and when is it needed?",
    "Write a function to find the first repeated character in a given string.",
    "Write a function to check whether the given list is sorted in ascending order or not.",
    "Write a python function to count the pairs in an array whose sum equals a given number.",
    "List all processes that listen on port 8080 and kill them.",
    "Print the last 20 lines of every log file below the current directory, preceded by the file's name.",
    "Extract the domain from an email address in JavaScript.",
    "Draw a bar chart of monthly rainfall with ggplot2 and put the values above the bars.",
    "How to convert a byte array to a hexadecimal string in Java?",
    "Delete all branches that have been merged into main, locally and on the remote.",
    "Use a generator to read a huge file in chunks of 4096 bytes.",
    "Create an array of 12 random integers between 1 and 50 in PHP and sort it.",
    "What is dependency injection, and why do frameworks such as Spring rely on it?",
    "How does garbage collection in the JVM decide which objects to keep?",
    "Write a VHDL entity for a four-bit counter with asynchronous reset.",
    "Generate a random password of 16 characters with at least one digit in PowerShell.",
    'Archive the directory "site" into a gzip-compressed tarball, leaving out node_modules.',
    "Implement depth-first search on an adjacency list and return the nodes in the order of their visit.",
    "What's the purpose of the `finally` block, and does it run when the try block returns?",
    "Write a function to remove all characters except digits from a string.",
    "Write a python function to find the element that appears only once in a sorted array.",
    "Write a function to compute the surface area of a cube in Java.",
    "Write a function to split a list at every n-th element using slicing.",
    "Write a method that rotates a matrix by 90 degrees clockwise in place.",
    "Find all text files in the home directory and copy them, with their folders, to /backup.",
    "Recursively change the owner of all files in /srv/www that belong to root to www-data.",
    'Count the lines containing "ERROR" in all compressed logs of this month.',
    "Set the environment variable EDITOR for the current shell session only.",
    "Get the first key of an ordered dictionary `conf` whose value is greater than 3.",
    "Check if all elements of list `names` are strings.",
    'Select the rows of data frame `df` in which column "age" lies between 18 and 30.',
    "How do I make a foreign key nullable in an existing MySQL table?",
    "How can I center a button inside a card using Tailwind?",
    "Show an example of the observer pattern in PHP.",
    "What is a race condition, and how do you avoid it in multi-threaded programs?",
    "Create an HTML form with fields for name, e-mail and message, and validate it with JavaScript.",
    "Develop an algorithm that finds the shortest path out of a maze given as a grid.",
    'Construct a SQL statement to update the price of all products in the category "garden" by 5 percent.',
    "Name the difference between TCP and UDP from the point of view of a socket programmer.",
    "Implement Conway's Game of Life in Clojure.",
    "Can you write a Google Sheets script that e-mails me when a cell goes below zero?",
    "Give an example of polymorphism in C++ with virtual functions.",
    "Explain what a Docker layer is and why the order of instructions matters.",
    "Write a Lua script for Roblox that opens a door when a player comes near.",
    "Write a solidity contract in which two people can bet on a coin toss.",
    "Which sorting algorithm is stable and works in place?",
    "Create a decorator that retries a function three times with exponential backoff."
  ],
  terse: [
    "python read csv skip first 3 lines",
    "git undo last commit keep changes",
    "regex for ipv4 address",
    "fizzbuzz in haskell",
    "css center div vertically",
    "bash loop over lines of a file",
    "TypeError: cannot unpack non-iterable NoneType object",
    "kotlin data class copy with one field changed",
    "sql left join vs inner join",
    "pandas groupby then top n per group",
    "dijkstra in Java, with priority queue",
    "docker compose healthcheck postgres",
    "vim delete all lines matching pattern",
    "typescript: narrow a union by a discriminant",
    "swift sort array of structs by date",
    "matplotlib rotate x axis labels",
    "Linked list cycle detection, C#",
    "nginx reverse proxy websocket config",
    "async/await, explained (JavaScript)",
    "makefile for a small C project",
    "uuid v4 in go without library",
    "numpy array reshape -1 meaning",
    "Sieve of Eratosthenes, Rust",
    "tar exclude directory",
    "postgres upsert on conflict example",
    "snake_case to camelCase function js",
    "mutex vs semaphore",
    '"Maximum call stack size exceeded" cause',
    "Excel VLOOKUP returns #N/A",
    "R: read all csv in folder and rbind",
    "C# LINQ group by two keys",
    "kmeans from scratch numpy",
    "Prim vs Kruskal",
    "Angular: pass data to child component",
    "sed replace newline with comma",
    ".gitignore for Unity",
    "kubernetes secret as env variable",
    "haskell monad explained",
    "SSH key without password setup Ubuntu",
    "list comprehension nested if else",
    "bfs shortest path grid C++",
    "PHP date format d.m.Y to Y-m-d",
    "Webpack vs Vite",
    "scala fold left example",
    '"undefined is not a function"',
    "crontab every 5 minutes weekdays",
    "heap sort javascript",
    "MongoDB aggregate sum by field",
    "open file dialog wpf"
  ],
  sloppy: [
    "can u write me a pyton script that renames all files in a folder to 001 002 003",
    "why is my useEffect running twice in react 18 its driving me crazy",
    "need a function in js that checks if string is palindrom ignoring spaces and capitals",
    "how 2 make a discord bot that says hello when someone join the server",
    'hey i get "index out of range" in my go code when slice is empty how i fix this',
    "make me a snake game in html and javascript pls, one file only",
    "write program in java to print all prime numbers from 1 till n",
    "HOW DO I EXIT VIM",
    "i want sum all the column B where column A is not null in postgres, what query",
    "the loop never ends and i dont know why, its a while loop in c reading with scanf",
    "please to give code for connect mysql database with php and show the rows in table",
    "whats the diff between == and === in js",
    "my flask app returns 405 on post but the route is there??",
    "how do i get only the unique values out of an array in ruby",
    "do a bubble sort in assembly x86 with comments i have homework tomorrow",
    "write a sql that count how many order each customer did last month",
    "pls fix: my kubernetes pod stuck in CrashLoopBackOff after i changed the env vars",
    "whats wrong with my code it prints None instead of the number",
    "i need website for my bakery just html and css with a nice header and contact form",
    "how to make http get request in c++ i am new",
    "sql server how get rows from last 7 day only",
    "my arduino code dont blink the led, i use pin 13 and delay(1000), help",
    "docker says port is already allocated, how can i find who use it",
    "create tic tac toe python with gui",
    "can you explain me what is api like im 5",
    "how print in same line python",
    "my program wont compile it says missing semicolon but there IS one",
    "i want to make game like flappy bird in pygame where to start",
    "what regex to find phone number like 0171-1234567",
    "write me c code that swap 2 number without third variable",
    "my api gives cors error when i call from react localhost:3000",
    "how do i deploy node app to heroku",
    "why is np.array so much faster then list",
    "sql: show me the employe with second highest salary",
    'pls convert this code to python 3: print "hello %s" % name',
    "can somebody explain whats a foreign key",
    "add dark mode to my site"
  ],
  spoken: [
    "So I've got this Django project and the migrations are in a complete mess, two branches both added a 0012, and I'd like to know how I can merge them without dropping the database.",
    "Okay, could you maybe write me a little script, Bash is fine, that watches a folder and copies every new PDF over to another machine with scp?",
    "I'm learning Rust at the moment and I keep fighting with the borrow checker, so could you explain why I can't hold a mutable reference and an immutable one at the same time?",
    "Hi, I have a table of bookings and I'd like to find out which rooms are double booked, so what would the query look like in SQL?",
    "Um, right, so I need a function, in TypeScript, that takes a list of things and gives me back a map from id to thing, and it should complain about duplicates.",
    "We've got a legacy VB6 form here that calculates shipping, and my boss wants it in C#, how would you go about porting it?",
    "You know those little spinners that show while a page loads? I want one of those in plain CSS, no images.",
    "I was wondering if you could help me with a stored procedure that archives orders older than two years into another table.",
    "Well, my unit tests pass on my laptop but not in CI, and it's something about time zones I think, so how do I freeze the clock in Jest?",
    "Let's say I have a list of words and I want to group the anagrams together, how would you write that in Scala?",
    "Alright, I've an app in Flutter, and when the keyboard pops up the whole layout overflows by forty pixels, so what's the usual way of handling that?",
    "My teacher wants us to write a program in Pascal, of all things, that reads ten temperatures and prints the warmest, and I've never seen Pascal before.",
    "So there's a cron job which ought to run every weekday at half past six but it ran on Sunday too; what did I get wrong in the expression?",
    "I want to scrape the opening hours from a few web pages, I know a bit of Python, could you give me something with BeautifulSoup to start from?",
    "We use Git at work and I've committed a password by accident, and pushed it. How do I get it out of the history?",
    "Please can you explain to me, slowly, what a pointer to a pointer is good for?",
    "Just a quick one: in Vue, how do I pass a slot down through two components?",
    "Okay so this is weird: the same query takes two milliseconds in the console and eight seconds from the application. Where should I look?",
    "Could you walk me through what happens in the event loop when a promise resolves?",
    "Imagine I've a list of dates as strings, all mixed up, some American and some European; how would I parse these in Python without going mad?",
    "We've got this giant if-else in our checkout, and I'd like to turn it into something with strategies. What would that look like in TypeScript?",
    "I'm a bit lost with Git. I made commits on main that should've been on a branch. What do I type?"
  ],
  formal: [
    "Provide an implementation of the Knuth–Morris–Pratt algorithm in C, including documentation of the failure function and its time complexity.",
    "Develop a Java program that models a bank account with deposit, withdrawal and transfer operations, employing appropriate exception handling.",
    "Describe the principal differences between optimistic and pessimistic locking in relational databases, with code samples in JPA.",
    "The following is required: a PowerShell script which enumerates all disabled Active Directory accounts and exports them to a CSV file.",
    "Please supply a parameterised query that prevents SQL injection for the attached login form written in PHP.",
    "Define a class Matrix in Python supporting addition, multiplication and transposition through operator overloading.",
    "Produce a Terraform module that provisions an S3 bucket with versioning, encryption and a lifecycle rule moving objects to Glacier after 90 days.",
    "Outline how memory management differs between garbage-collected languages and those with ownership semantics, as in Rust.",
    "You are given an array of N integers. Determine the maximum sum of a contiguous subarray. The first line of the input contains N, the second the array.",
    "Specify a JSON Schema that validates an invoice with at least one line item and a positive total.",
    "Implement a thread-safe bounded blocking queue in Java without using java.util.concurrent.",
    "Construct a deterministic finite automaton, in code, accepting binary strings divisible by three.",
    "Detail the lifecycle of a request in ASP.NET Core, from Kestrel to the controller.",
    "Write a recursive procedure in Scheme that returns the depth of a nested list.",
    "Given a singly linked list, reverse the nodes in groups of k and return the modified list.",
    "State the time and space complexity of merge sort and justify each."
  ],
  persona: [
    "You are a senior backend engineer. Review my approach: every request opens its own database connection and closes it afterwards. What should I do instead?",
    "Act as a Linux terminal. I will type commands and you will reply with what the terminal should show. My first command is pwd.",
    "You are an expert in Excel VBA. Write a macro that splits the active sheet into one workbook per value in column C.",
    "As an experienced iOS developer, tell me how to keep a SwiftUI list from scrolling to the top whenever the data reload.",
    "System: You are a helpful coding assistant. Answer with code only, no explanations.",
    "You're my pair programmer. We use Elixir and Phoenix. Let's write a LiveView that shows a chat with presence.",
    "I want you to act as a SQL interpreter. Reply only with the table the query returns. First query: SELECT name, price FROM items ORDER BY price DESC LIMIT 3;",
    "Assume the role of a security auditor and list what is wrong with storing JWTs in localStorage, with a code example of the safer way.",
    "You are an AI programming tutor for beginners. Explain recursion to me with a function that counts the files in a folder.",
    "Pretend you are a compiler engineer: show how you would write a tokenizer for arithmetic expressions in OCaml.",
    "You are a database administrator. A query over 40 million rows got slow after the last release; explain how you would read its execution plan.",
    "Act as a code reviewer. I'll paste diffs, you answer with comments by line.",
    "You are a DevOps engineer. Write a Helm chart for a stateless service with two replicas and an ingress.",
    "Act as a JavaScript console. I will type commands and you will reply with what the console should show. First: [1,2,3].map(x => x ** 2)",
    "You are CodeBot, an assistant inside an IDE. Never explain, only output a unified diff. Rename the variable tmp to buffer in parser.c.",
    "As a game developer, show me how to do a smooth camera follow in Unity with C#.",
    "You are a strict interviewer. Ask me a question about hash maps and judge my answer.",
    "You are a helpful assistant for writing shell scripts on OpenBSD. Write one that rotates a log file.",
    "You are an expert Python programmer, and here is your task: write a function to find the longest chain of overlapping intervals. Your code should pass these tests: assert chain([(1,3),(2,5)]) == 2",
    "Act as a senior frontend developer. Explain how you'd split a bundle of 4 MB.",
    "You are an autonomous coding agent working in a repository. Issue: the CLI ignores the --quiet flag. Locate the problem and submit a patch.",
    "You are a text-to-SQL model. Given the schema below, output one query and nothing else. Schema: pets(id, kind, age, owner_id); owners(id, name, town). Question: average age of cats by town."
  ],
  long: [
    "I have a small web shop written in Laravel. When a customer pays, the payment provider calls a webhook, and sometimes it calls it two or three times for the same payment. At the moment every call creates an invoice, so some customers get several. I store the payment id in the invoices table but there is no unique index on it. How should I change the handler and the migration so that a repeated call does nothing, even if two calls come in at the same moment?",
    "You are given the heights of the bars of a histogram as an array of non-negative integers, every bar one unit wide. Rain falls on it. Write a function that returns how many units of water remain between the bars. The array has up to 200,000 entries, so a quadratic solution will be too slow. Aim for linear time and constant extra memory, and explain briefly why the two-pointer approach works.",
    "A robot stands in the upper left corner of a grid with m rows and n columns. It can only move right or down at any point in time. Some cells are blocked and marked by 1, free ones by 0. It wants to reach the lower right corner. Return the number of different paths modulo 1,000,000,007. Constraints: 1 <= m, n <= 500. Example: grid = [[0,0],[1,0]] gives 1.",
    "We run a Kafka consumer group with six instances. Processing one message takes between 10 ms and 4 minutes, since some of them start a video conversion. Whenever one of the slow ones comes in, the broker thinks the instance is dead, rebalances the group, and the message is processed a second time by someone else. I have raised max.poll.interval.ms but that only hides the matter. What would be a sound design here, and can you sketch the consumer loop in Java?",
    "I'm writing a command-line tool in Go that downloads many files in parallel. It has a flag for the number of workers. When I press Ctrl-C I want the running downloads to be finished, the waiting ones to be dropped, and the exit code to be 130. Right now I use a WaitGroup and a channel of URLs, and on Ctrl-C everything stops at once and leaves half-written files. Please show me how to do it with contexts and signal.NotifyContext.",
    "There are n lamps in a row, some of them on and some off. In one move you may choose any three neighbouring lamps and toggle them all. Your task is to find the least number of moves after which all lamps are off, or to say that this cannot be done. The first line of input contains n (3 ≤ n ≤ 100000), the second a string of n characters, 0 or 1. Print a single integer, or -1.",
    'Petra collects stickers. Each sticker has a number from 1 to k, and she keeps buying packs until she owns every number. You are given the numbers in the order in which they came out of the packs. Determine after how many stickers her collection was complete for the first time. If it never was, print "incomplete". The time limit is one second and there may be a million stickers.',
    "After upgrading from version 4 to version 5 of our ORM, saving an entity with an empty relation throws \"Cannot read properties of undefined (reading 'id')\". With version 4 the relation was simply set to null. I've narrowed it down to the subscriber that runs before update: it gets called with an entity whose joined column has already been stripped. A minimal reproduction is a Book without an Author, loaded, retitled and saved. Expected: the book is saved. Actual: the error above. Please find the cause and fix it.",
    "I'd like to have a small static site generator of my own. It should read Markdown files with front matter from a folder, render them with a layout, copy the images, and write a sitemap. Drafts must be left out unless a flag is given. I'd prefer Python with as few dependencies as possible, a single file if that is sensible, with functions I can test one by one. Start with the structure and then write the code for each part.",
    "Our mobile app stores the session token in the keychain. Since the last iOS update some users are logged out each time they restart the phone. I suspect it is the accessibility attribute, since the app is woken in the background before the first unlock, and reading the token then fails, upon which we delete it. Is this plausible, which attribute should be used, and how would I migrate the tokens already stored, in Swift?",
    "Consider a board of n by n squares on which a knight stands in a corner. In one second it makes one move, picked uniformly from the allowed ones. Write a program which, given n and t, returns the probability that it is back in the corner after t seconds. n is at most 8 and t at most 10^9, so matrix exponentiation will be needed. Return the result with an error of at most 1e-9.",
    "We have a monolith in Ruby on Rails with about 300 models and a test suite that takes 50 minutes. Half of the time goes into factories which build whole object trees for each test. I've been asked to bring it under 15 minutes without dropping tests. What would you measure first, which of build_stubbed, shared fixtures and parallel runs helps most, and can you show how to find the factories that cost most?",
    "Each night a batch job writes a file with one JSON object a line, about 30 GB. I need to count, for each user id, how many distinct days appear, and write out the top thousand. The machine has 8 GB of memory. Show me how to do that with standard Unix tools first, then with a streaming program in Go, and tell me which would be quicker.",
    "A shop sells ropes of certain lengths, and a climber wants a rope of exactly L metres tied together from as few pieces as possible. Given the available lengths and L, return the least number of pieces or -1 if no combination works; every length may be used any number of times. Example: lengths = [3, 7, 11], L = 25 returns 3.",
    "Steps are numbered from 0 to n, and each has a toll, given in the array toll. You start on step 0 or 1, and from any step, once you have paid its toll, you may climb one step or two. Return the minimum total toll for getting beyond the last step. Note that 2 <= toll.length <= 1000. Follow-up: can you do it with constant extra space?",
    'A string is called balanced if every opening bracket, which may be round, square or curly, is closed by one of the same kind in the right order. Given a string s consisting of brackets only, determine the length of the longest balanced substring. Example 1: s = "(()[]" gives 4. Example 2: s = "]" gives 0. Try to solve it in a single pass with a stack of indices.',
    "The kingdom has n towns and m two-way roads, each with a length. The queen wants to build a post office in one of the towns such that the farthest town is as near as possible. Input: n and m on the first line, then m lines with three integers u v w. Output: the number of the town; if there's more than one, the smallest. n ≤ 400, w ≤ 10^6.",
    "I'm trying to train a small convolutional network in PyTorch on pictures of leaves, twelve classes, about 300 pictures each. The loss goes down to 2.48 in the first epoch and then stays there, which is just ln 12, so the net has learned nothing. I normalise the images, shuffle the loader, use Adam with a learning rate of 0.01 and apply softmax before CrossEntropyLoss. What's going wrong?",
    "Describe the bug: the sidebar flickers when the window is resized below 720 px. To reproduce: open any page, make the window small, open the menu, then rotate the device. Expected behaviour: the menu stays open. Observed: it closes and opens again twice. I looked into useBreakpoint and it seems that the listener is registered anew on every render, as the options object is built inline.",
    "When I call `Series.interpolate(limit_area=\"inside\")` on a series with a DatetimeIndex that isn't sorted, values outside get filled as well. On a sorted index it works as documented. I'd expect either the same result or an exception. Version 2.1, Python 3.11 on Debian. Please write a regression test and a fix.",
    "You're given a list of meetings, each with a start and an end, and want to know how many rooms are needed at least so that none of them overlap in the same room. The list isn't sorted and can hold up to 100,000 meetings; times are integers between 0 and 10^9. A meeting that ends at t doesn't collide with one that begins at t. Write a program that reads n and then n pairs, and prints the answer.",
    "I have a dataframe with one row per customer and day, and the columns customer, day and amount. Days without purchases are missing. I need a rolling sum over the last seven calendar days for each customer, with the missing days counted as zero. I tried groupby together with rolling(7) but that takes the last seven rows rather than days. How can this be done without a loop?",
    "There is a conveyor belt with n parcels, the i-th of weight w[i]. They must be shipped in order within d days, and each day a truck of fixed capacity takes as many as fit. Return the least capacity of the truck with which all parcels are shipped in time. I know that the trick is to do a binary search on the answer, but my version loops forever for d = 1. Explain the invariant and write it properly in Java.",
    "In our Angular application we open a dialog which loads its data through a resolver. If the user clicks quickly on two rows, the second dialog now and then shows the data of the first. I think it's because the subscription of the first isn't cancelled. I've tried takeUntil with a subject but I'm not sure where it needs to be completed. Could you show the right pattern with switchMap, and how one would test this?",
    "Alice and Bob play with a pile of n pebbles. They take turns, Alice first; in a turn a player removes 1, 3 or 4 pebbles, and whoever takes the last one wins. Both play perfectly. For each of t test cases, given n (1 <= n <= 10^18), output the winner's name. Sample: for n = 1 the output is Alice, for n = 2 it's Bob.",
    "When a file name contains a space, `build --watch` throws ENOENT although a single build of the same file works. I traced it to the glob being split on white space in watcher.ts before it's handed over to the library. Quoting it on the command line doesn't help because the shell takes the quotes away. Please suggest a fix which doesn't break users that pass several patterns in one string, and add a test case.",
    "We want to move 200 GB of orders from MySQL 5.7 to PostgreSQL 16 with no more than five minutes of downtime. The application uses an ORM but also about forty hand-written queries, some of them with GROUP BY in the loose MySQL way. Sketch the steps, the tools for replication in the meantime, and show how you'd rewrite a typical loose GROUP BY query.",
    "Write a class for a parking garage with three kinds of places: small, medium and large. A motorcycle fits anywhere, a car needs a medium or a large place, and a bus takes five neighbouring large ones in one row. Provide methods to park, to leave and to ask how many places are free for each kind. Think about which data structures make parking quick, and write it in Python with type annotations."
  ],
  constrained: [
    "Write a Python class `Stack` with push, pop, peek and is_empty. Requirements: type hints, docstrings, raise IndexError on an empty pop, no use of collections.deque, and at least three doctests.",
    "Create a single HTML page with a to-do list: add, tick off, delete, filter by state, persist in localStorage, no framework, under 120 lines.",
    "Give me a bash one-liner that lists the ten most frequent words in a text file. It must ignore case and punctuation, and run on macOS too.",
    "Implement a rate limiter in TypeScript: token bucket, injectable clock, no timers, no classes, fully typed, with tests for burst and refill.",
    "Write a function solve(n) in C++17 which prints the n-th row of Pascal's triangle. Use O(n) memory. Do not use recursion.",
    "1. Create a table `plants` with id, name, watered_at. 2. Insert three rows. 3. Select the ones not watered for a week. Use SQLite syntax.",
    "Write a GitHub Actions workflow that (a) runs on pull requests, (b) tests on Node 18, 20 and 22, (c) caches npm, (d) uploads coverage.",
    "Make a LaTeX table with three columns, a multirow header, booktabs rules and the numbers aligned at the decimal point.",
    "Write a Perl script that: reads an access log, counts hits per hour, prints an ASCII bar chart. No modules besides core.",
    "Build a REST endpoint in FastAPI for uploading an avatar. Only PNG or JPEG, at most 2 MB, store under a random name, return 201 with the URL. Include tests.",
    "Write a MATLAB function that normalises every column of a matrix to zero mean; no loops; handle constant columns.",
    "Create a class hierarchy for shapes in C#: abstract base, Circle, Rectangle, Polygon; override ToString; xUnit tests; file-scoped namespaces.",
    "Return only the SQL, no commentary: all customers without an order in 2023, newest first.",
    "Implement a trie in JavaScript with insert, search and startsWith. Each at most O(length of the word). Export as an ES module.",
    "Write an awk program of at most five lines to print the sum and average of column 3, skipping the header."
  ],
  passage: [
    [
      "Here's the ticket our support team sent. Please find out which part of the code is the likely culprit and what to log.",
      "",
      '"Several customers say that after changing their password they are still signed in on their old phone. One of them even ordered something from it a day later. It doesn\'t happen with the web shop, only with the app. We think it started with the release in March, when the sessions were moved to Redis."'
    ],
    [
      'Documentation excerpt: "A channel may be closed by the sender only. Receiving from a closed channel yields the zero value at once. Sending on a closed channel panics."',
      "",
      "Given this, how should I write a fan-in of three producers in Go?"
    ],
    [
      "Turn the following description into a class diagram in Mermaid:",
      "",
      "A garage has mechanics and cars. Each car belongs to one customer, who may own several. A repair concerns one car and is done by one or more mechanics; it consists of tasks, each with a number of hours and a list of parts."
    ],
    'The README says: "Set CACHE_DIR to a writable folder, otherwise the tool falls back to memory and nothing survives a restart." My container has a read-only root. What do I put into the compose file?',
    [
      "Release notes: The method `fetchAll` is deprecated. Use the async iterator `rows()` instead, which streams and closes the cursor when the loop is left. Options stay the same except `chunk`, now called `batchSize`.",
      "",
      'Migrate: db.fetchAll("users", { chunk: 500 }).then(render)'
    ],
    "Write a parser for this format in Python: Every record begins with a line of three dashes. Then follow lines of the form key: value. A value may go on in the next line if that line is indented by at least two blanks. Lines with a hash sign at the start are remarks.",
    [
      "Please review this design before I start to code:",
      "",
      "Every client keeps a local log of edits. When online, it sends its log to the server, which gives each edit a number and broadcasts it. If two edits touch the same field, the higher number wins. Deleted records are kept with a flag for thirty days.",
      "",
      "Where will this lose data?"
    ],
    [
      "Post-mortem, Tuesday: at 14:02 the certificate of the internal registry expired. New pods could not pull images. The autoscaler, seeing pods that didn't become ready, created more of them, until the quota was exhausted at 14:19. Alerts went to a channel that nobody reads.",
      "",
      "Which technical measures would you propose, and can you write the alert rule for Prometheus?"
    ],
    [
      "Comment in our style guide: \"Prefer early returns. No boolean parameters. Functions do one thing; if you need the word 'and' to describe it, split it.\"",
      "",
      "Rewrite according to it: function save(user, notify) { if (user) { db.put(user); if (notify) { mail(user) } return true } else { return false } }"
    ]
  ],
  table: [
    [
      'Table "visits": id | patient_id | ward | entered_at | left_at',
      'Table "patients": id | name | born_on',
      "",
      "Write a query for the average stay per ward for patients over 80."
    ],
    [
      "I have this CSV:",
      "",
      "sku,colour,qty",
      "A12,red,4",
      "A12,blue,0",
      "B07,red,9",
      "",
      "Write a pandas snippet which pivots it so that every colour becomes a column."
    ],
    "Schema: teams(team_id, city, founded), matches(match_id, home_id, away_id, home_goals, away_goals, played_on). Question: Which city has the team with the most away wins? Return the SQL.",
    [
      "Given these test cases, write the function:",
      "",
      "| input | output |",
      "|-------|--------|",
      '| "a1b2" | "ab12" |',
      '| "9z" | "z9" |',
      '| "" | "" |'
    ],
    [
      '{"users":[{"id":1,"tags":["x","y"]},{"id":2,"tags":[]}]}',
      "",
      "How do I get the ids of all users that have at least one tag with jq?"
    ],
    [
      "Database schema:",
      'CREATE TABLE "stations" ("id" integer, "name" text, "line_id" integer, "opened" date)',
      'CREATE TABLE "lines" ("id" integer, "colour" text, "km" real)',
      "",
      "Using valid SQLite, answer the following question: list the names of stations on the green line that opened before 1960."
    ],
    [
      "Tables: author(aid, name, country), book(bid, aid, title, year, pages)",
      "Question: how many books longer than 500 pages were written by authors from Chile?",
      "SQL:"
    ],
    [
      "Turn this table into a TypeScript interface and a Zod schema.",
      "",
      "| field | type | required |",
      "|---|---|---|",
      "| id | uuid | yes |",
      "| email | string | yes |",
      "| age | int | no |"
    ],
    [
      "df =",
      "   city   year  rain",
      "0  Ulm    2019  712",
      "1  Ulm    2020  655",
      "2  Graz   2019  819",
      "",
      "How do I compute the yearly change of rain for each city?"
    ],
    [
      "name;points",
      "Ana;12",
      "Ben;7",
      "",
      "I've a file like this with two million lines. Awk command to get the highest points per name?"
    ],
    [
      "CREATE TABLE employee_12 (name VARCHAR, salary INTEGER, city VARCHAR)",
      "What is the lowest salary of somebody from Bergen?"
    ],
    ["Expected output:", "1", "1 2", "1 2 3", "1 2 3 4", "Write a nested loop in C which prints this for any n."],
    [
      "| endpoint | method | returns |",
      "|---|---|---|",
      "| /seeds | GET | list of seeds |",
      "| /seeds/{id} | DELETE | nothing |",
      "",
      "Generate an OpenAPI 3 document from this."
    ],
    "sensors(id, room, kind), readings(sensor_id, at, value). Write a window query that gives for each reading the difference to the previous one of the same sensor.",
    "Sheet1 has in column A dates and in column B amounts. Excel formula for the sum of B where A lies in the current month?"
  ],
  code: [
    [
      "from typing import List",
      "",
      "",
      "def closest_pair_gap(values: List[float]) -> float:",
      '    """ Return the smallest difference between any two of the given values.',
      "    If there are fewer than two values, return -1.",
      "    >>> closest_pair_gap([4.0, 9.5, 5.0])",
      "    1.0",
      "    >>> closest_pair_gap([3.0])",
      "    -1",
      '    """'
    ],
    [
      "def count_vowel_words(sentence: str) -> int:",
      '    """Count the words of the sentence which begin with a vowel.',
      "",
      '    >>> count_vowel_words("an owl eats mice")',
      "    3",
      '    """'
    ],
    [
      "Fix the bug in this code:",
      "",
      "```js",
      "function average(xs) {",
      "  let sum",
      "  for (const x of xs) sum += x",
      "  return sum / xs.length",
      "}",
      "```"
    ],
    [
      "What does this do?",
      "",
      "```c",
      "unsigned f(unsigned x) {",
      "  unsigned n = 0;",
      "  while (x) { x &= x - 1; n++; }",
      "  return n;",
      "}",
      "```"
    ],
    [
      "Summarise what the following script does and tell me whether it is safe to run as root.",
      "",
      "#!/bin/sh",
      "set -e",
      "for d in /home/*; do",
      '  [ -d "$d/.cache" ] || continue',
      '  find "$d/.cache" -type f -atime +30 -delete',
      "done"
    ],
    [
      "Traceback (most recent call last):",
      '  File "app.py", line 41, in <module>',
      '    total = basket["items"]["price"] * 1.19',
      "TypeError: list indices must be integers or slices, not str",
      "",
      "How do I fix this?"
    ],
    [
      "```java",
      "public static String reverse(String s) {",
      '    String r = "";',
      "    for (int i = 0; i <= s.length(); i++) r = s.charAt(i) + r;",
      "    return r;",
      "}",
      "```",
      "It throws StringIndexOutOfBoundsException. Why?"
    ],
    [
      "Translate this Python into idiomatic Rust.",
      "",
      "def evens(xs):",
      "    return [x * x for x in xs if x % 2 == 0]"
    ],
    [
      "CREATE TABLE boats (id INT, name TEXT, length_m REAL, harbour_id INT);",
      "CREATE TABLE harbours (id INT, town TEXT, berths INT);",
      "",
      "-- Which harbours have more than five boats longer than ten metres?"
    ],
    [
      "Complete the function.",
      "",
      "function debounce<T extends unknown[]>(f: (...args: T) => void, ms: number) {",
      "  let timer: ReturnType<typeof setTimeout> | undefined"
    ],
    [
      'I get "error[E0502]: cannot borrow `queue` as mutable because it is also borrowed as immutable" here:',
      "",
      "    let first = &queue[0];",
      "    queue.push(7);",
      '    println!("{first}");'
    ],
    [
      "Refactor this so that it doesn't nest four levels deep:",
      "",
      "if ($user) {",
      "    if ($user->active) {",
      "        if ($user->cart) {",
      "            if (count($user->cart->items) > 0) {",
      "                checkout($user);",
      "            }",
      "        }",
      "    }",
      "}"
    ],
    [
      "library(dplyr)",
      "df %>% group_by(site) %>% summarise(m = mean(depth))",
      "",
      "The result contains NA for every site. What am I doing wrong?"
    ],
    ["Write a docstring for this function.", "", "def clamp(v, lo, hi):", "    return max(lo, min(v, hi))"],
    [
      "def rotate_word(word: str, steps: int) -> str:",
      '    """',
      "    Rotate the letters of word by steps places to the right. Negative steps rotate to the left.",
      "    Examples:",
      '    rotate_word("stone", 2) => "nesto"',
      '    rotate_word("", 4) => ""',
      '    """'
    ],
    [
      "/**",
      " * Returns the positions of all local minima of the array.",
      " * A border element counts when it is smaller than its only neighbour.",
      " */",
      "function localMinima(xs: number[]): number[] {"
    ],
    [
      "Why does this print 10 ten times?",
      "",
      "for (var i = 0; i < 10; i++) {",
      "  window.requestAnimationFrame(() => console.log(i));",
      "}"
    ],
    [
      "fn main() {",
      "    let v = vec![1, 2, 3];",
      '    for x in v { println!("{}", x); }',
      '    println!("{:?}", v);',
      "}",
      "error[E0382]: borrow of moved value: `v`"
    ],
    [
      "SELECT c.name, COUNT(o.id)",
      "FROM customers c LEFT JOIN orders o ON o.customer_id = c.id",
      "WHERE o.created_at > '2022-01-01'",
      "GROUP BY c.name;",
      "",
      "Customers without orders are missing in the result although it's a left join. Explain and correct."
    ],
    [
      "    #include <iostream>",
      "    using namespace std;",
      "    int main() { int a[3]; for (int i = 0; i <= 3; i++) a[i] = i; cout << a[2]; }",
      "",
      "Find the undefined behaviour."
    ],
    [
      "Write tests with pytest for the following:",
      "",
      "def slugify(title):",
      '    keep = [c.lower() if c.isalnum() else "-" for c in title]',
      '    return "-".join(filter(None, "".join(keep).split("-")))'
    ],
    [
      "kubectl get pods",
      "NAME            READY   STATUS             RESTARTS",
      "web-6d9-x2k     0/1     ImagePullBackOff   0",
      "",
      "What should I check?"
    ],
    [
      "Convert to Kotlin:",
      "",
      "public class Point { private final int x; private final int y; public Point(int x, int y) { this.x = x; this.y = y; } public int getX() { return x; } }"
    ],
    [
      "What is the time complexity of this function?",
      "",
      "def f(n):",
      "    i = 1",
      "    while i < n:",
      "        for j in range(n):",
      "            pass",
      "        i *= 2"
    ],
    [
      "You are given a buggy implementation; return the corrected one only.",
      "",
      "(define (fact n)",
      "  (if (= n 1) 1 (* n (fact n))))"
    ],
    [
      '<div class="card"><img src="a.jpg"><p>Hello</p></div>',
      "",
      ".card { display: flex; }",
      ".card img { width: 100%; }",
      "",
      "The image squeezes the text out of the card. What's missing?"
    ],
    "Explain this regex step by step: ^(?=.*\\d)(?=.*[a-z])[A-Za-z\\d]{8,}$",
    [
      "func worker(jobs <-chan int, out chan<- int) {",
      "\tfor j := range jobs { out <- j * 2 }",
      "}",
      "",
      "All goroutines are asleep - deadlock! Where do I have to close the channel?"
    ],
    [
      "def trim_zeros(digits):",
      "    '''",
      "    Given a list of digits, remove zeros from both ends",
      "    and return the rest. An empty list stays empty.",
      "    trim_zeros([0, 0, 4, 0, 1, 0]) -> [4, 0, 1]",
      "    '''"
    ],
    [
      "import math",
      "",
      "def nearest_square(n: int) -> int:",
      '    """You\'re given a positive integer n. Return the perfect square that is nearest to n;',
      "    of two equally near ones return the smaller.",
      '    """'
    ],
    [
      "public class Solution {",
      "    // Returns true if the two given strings are anagrams of one another, letter case aside.",
      "    public boolean anagrams(String a, String b) {"
    ],
    [
      "#include <vector>",
      "#include <string>",
      "/*",
      "Count how many words in the list start and end with the same letter.",
      '>>> count_same({"abba", "cat", "x"})',
      "2",
      "*/",
      "int count_same(std::vector<std::string> words) {"
    ],
    ["fn is_pangram(s: &str) -> bool {", "    // true if every letter from a to z occurs"],
    [
      "ERROR in ./src/main.ts",
      "TS2345: Argument of type 'string | undefined' is not assignable to parameter of type 'string'.",
      "",
      "12   load(process.env.API_URL)"
    ],
    [
      'Exception in thread "main" java.lang.NullPointerException: Cannot invoke "java.util.List.size()" because "this.orders" is null',
      "\tat shop.Cart.total(Cart.java:27)",
      "\tat shop.Main.main(Main.java:9)"
    ],
    [
      "Remove the duplication in these tests:",
      "",
      'it("adds", () => { const c = new Calc(); c.enter(2); expect(c.add(3)).toBe(5) })',
      'it("subtracts", () => { const c = new Calc(); c.enter(2); expect(c.sub(3)).toBe(-1) })'
    ],
    [
      'resource "aws_instance" "web" {',
      "  count = var.on ? 1 : 0",
      "}",
      'output "ip" { value = aws_instance.web.public_ip }',
      "",
      "terraform plan complains about a missing resource instance key. Fix."
    ],
    [
      "CREATE TABLE loans (id SERIAL, book INT, member INT, due DATE, returned DATE);",
      'Add an index that makes "all overdue loans of one member" quick, and write that query.'
    ],
    [">>> a = [[0] * 3] * 2", ">>> a[0][0] = 1", ">>> a", "[[1, 0, 0], [1, 0, 0]]", "", "Why did both rows change?"],
    ["let rec sum = function [] -> 0 | x :: xs -> x + sum xs", "", "Make it tail-recursive."],
    [
      "$ make",
      "gcc -o app main.o util.o",
      "/usr/bin/ld: main.o: undefined reference to `sqrt'",
      "collect2: error: ld returned 1 exit status"
    ],
    ["What's the value of x at the end?", "", "x = 1", "while x < 100:", "    x = x * 3 - 1", "print(x)"],
    [
      "module counter(input clk, input rst, output reg [3:0] q);",
      "// complete: count up on each rising edge, synchronous reset"
    ],
    [
      "Comment every line of this assembly.",
      "",
      "    mov ecx, 10",
      "    xor eax, eax",
      "again:",
      "    add eax, ecx",
      "    loop again"
    ],
    [
      "I have this list:",
      "",
      'data = [("a", 3), ("b", 1), ("a", 5), ("c", 2), ("b", 9)]',
      "",
      'and would like to get {"a": 8, "b": 10, "c": 2}. What\'s the most pythonic way?'
    ],
    [
      "How do I test this component? The effect fires a fetch.",
      "",
      "export function Weather({ city }) {",
      "  const [t, setT] = useState(null)",
      '  useEffect(() => { fetch("/t/" + city).then(r => r.json()).then(setT) }, [city])',
      '  return <p>{t ?? "…"}</p>',
      "}"
    ],
    [
      "def solve(s):",
      '    """',
      "    The string s consists of words separated by single blanks. Reverse every word",
      "    which has more than four letters and leave the others as they are.",
      "",
      "    For example:",
      '    solve("grey wolves howl loudly") == "grey sevlow howl ylduol"',
      '    """'
    ],
    [
      "```python",
      'df["ratio"] = df.apply(lambda r: r.a / r.b if r.b else 0, axis=1)',
      "```",
      "This takes four minutes on ten million rows. Vectorise it."
    ],
    [
      "git push origin main",
      " ! [rejected]        main -> main (non-fast-forward)",
      "error: failed to push some refs",
      "",
      "What happened and what do I do without losing my commits?"
    ],
    [
      "class Node:",
      "    def __init__(self, val, left=None, right=None):",
      "        self.val, self.left, self.right = val, left, right",
      "",
      "Write a function that returns the values level by level, from the bottom up."
    ],
    ['Warning: Each child in a list should have a unique "key" prop.', "", "{items.map(i => <Row data={i} />)}"],
    [
      "Review the following function for security problems:",
      "",
      'app.get("/file", (req, res) => {',
      '  res.sendFile(path.join("/data", req.query.name))',
      "})"
    ],
    [
      "Your task is to complete the function below so that the assertions hold.",
      "",
      "def pick(d, keys):",
      "    ...",
      "",
      'assert pick({"a": 1, "b": 2}, ["b"]) == {"b": 2}',
      'assert pick({}, ["x"]) == {}'
    ],
    [
      "public int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2);",
      "",
      "Why is that slow for n = 50, and how would memoisation look in C#?"
    ]
  ],
  choice: [
    [
      "Which data structure gives O(1) average lookup by key?",
      "A) linked list",
      "B) hash table",
      "C) binary heap",
      "D) red-black tree"
    ],
    [
      "What will the following print in Python 3?",
      "",
      "print(type(1/2))",
      "",
      "(a) <class 'int'>  (b) <class 'float'>  (c) 0  (d) SyntaxError"
    ],
    "Should I use Redux, Zustand or plain context for the state of a medium-sized React app?",
    "Which one stops the container and removes it: docker kill, docker rm -f, or docker prune?",
    [
      "What is the output of the following C code?",
      "",
      'int x = 5; printf("%d", x++ + ++x);',
      "",
      "A. 10  B. 11  C. 12  D. undefined"
    ],
    ["Which HTTP method is idempotent?", "1. POST", "2. PATCH", "3. PUT", "4. CONNECT"],
    "Tabs or spaces in Go: what does gofmt enforce?",
    "For a queue with many producers and one consumer, would you take an array with a mutex, a channel, or a lock-free ring buffer?",
    ["Which of the following is NOT a valid identifier in Python?", "a) _x1", "b) x_1", "c) 1_x", "d) X"],
    [
      "The average complexity of searching in a balanced binary search tree of n keys is",
      "(A) O(1) (B) O(log n) (C) O(n) (D) O(n log n)"
    ],
    ["Which SQL clause filters groups after aggregation?", "A. WHERE", "B. HAVING", "C. ORDER BY", "D. LIMIT"],
    "Which line contains the bug? 1: int s = 0; 2: for (int i = 1; i <= n; i++); 3: s += i; 4: return s;",
    "Python, Go or Rust for a small command-line tool that has to start fast?",
    "Would you use REST, GraphQL or gRPC between two internal services?",
    [
      "In object-oriented programming, hiding the internal state of an object is called",
      "(i) inheritance (ii) encapsulation (iii) overloading (iv) composition"
    ]
  ],
  template: [
    [
      "### Instruction:",
      "Write a JavaScript function that capitalises the first letter of each word.",
      "",
      "### Input:",
      '"the quiet harbour"',
      "",
      "### Response:"
    ],
    [
      "Below is an instruction that describes a task. Write a response that appropriately completes the request.",
      "",
      "### Instruction:",
      "Create a Python script that reads a directory tree and prints it with indentation.",
      "",
      "### Response:"
    ],
    [
      "Problem: You are given two strings s and t. Decide whether t can be obtained from s by deleting characters.",
      "Input: two lines, each a string of lower-case letters.",
      "Output: YES or NO.",
      "Sample input:",
      "abcde",
      "ace",
      "Sample output:",
      "YES"
    ],
    [
      "Title: Upload button does nothing in Safari",
      "Steps to reproduce: open the form, choose a file, press Upload.",
      "Expected: the file is sent. Actual: nothing, no error in the console.",
      "Environment: Safari 17, version 3.2.1 of the widget.",
      "Task: find the cause and propose a patch."
    ],
    [
      "Language: Ruby",
      "Task: given an array of hashes with :name and :age, return the names of everyone over 30, sorted.",
      "Code:"
    ],
    ["Question: What is the output of print([i for i in range(10) if i % 3 == 1])?", "Answer:"],
    [
      "### Instruction:",
      "Edit the following code so that it runs without errors.",
      "",
      "### Input:",
      "for i in range(5) print(i)",
      "",
      "### Output:"
    ],
    ["Instruction: Generate a CSS rule that makes all links green on hover.", "Response:"],
    [
      "Bash command for the task: count the directories in the current folder which contain a file called package.json.",
      "Command:"
    ],
    [
      "# Task",
      "Write a function `most_common_pair(words)`.",
      "# Description",
      "It gets a list of words and returns the pair of adjacent words that occurs most often.",
      "# Constraints",
      "len(words) <= 10**5",
      "# Code"
    ],
    [
      "Input: nums = [4,1,8,3], k = 2",
      "Output: [1,3]",
      "Explanation: the two smallest in ascending order.",
      "Write the function in Dart."
    ],
    [
      'Issue: `parse_date("")` returns today\'s date instead of raising ValueError.',
      "File: utils/dates.py",
      "Write the patch."
    ],
    [
      "Context: a Spring Boot service with two data sources.",
      "Question: how do I tell JpaRepository which of them to use?",
      "Answer:"
    ],
    ["Description: swap the keys and the values of a dictionary `d`", "Python:"],
    [
      "User story: as an editor I want drafts to be saved every ten seconds.",
      "Stack: Svelte, IndexedDB.",
      "Write the code."
    ],
    [
      "Given the following SQL tables, write a query.",
      "Table: shifts (id, nurse_id, ward, starts_at, ends_at)",
      "Question: Which nurses worked on more than two wards in May?",
      "Query:"
    ],
    [
      "Programming language: Go",
      "Description: read lines from standard input and print them in reverse order",
      "Solution:"
    ],
    [
      "You will be given a function with a bug and a failing test.",
      "Function: def last(xs): return xs[len(xs)]",
      "Test: assert last([1, 2]) == 2",
      "Fixed function:"
    ],
    ["Q: What will be printed?", 'a = "5"; b = 2; console.log(a * b, a + b)', "A:"]
  ],
  dialogue: [
    [
      "User: How do I open a file in Lua?",
      'Assistant: Use io.open with the path and a mode, e.g. io.open("a.txt", "r").',
      "User: And how do I read it line by line and close it afterwards?"
    ],
    "That works, thanks. Now add error handling for when the file doesn't exist and log it to stderr.",
    "Your function fails for negative numbers. Can you correct it and give me the whole code again?",
    "No, I meant without any library. Just plain JavaScript.",
    'The test still fails with "expected 3 but got undefined".',
    "Great, can you make the same class generic so that it also holds strings?",
    "Could you add comments to the code you wrote above?",
    "It compiles now, but the window opens behind the others. How do I bring it to the front in Tkinter?",
    "You forgot the import statement.",
    "Now rewrite it with list comprehensions.",
    "Can you do that in C++ instead of Python?",
    'I ran your script and get "permission denied". What now?',
    "What would the unit tests for it look like?",
    [
      "Human: my build is red",
      "Assistant: What does the log say?",
      "Human: \"Module not found: Can't resolve './Button'\""
    ],
    "Split that function into two and give the helper a better name.",
    'It says the column doesn\'t exist. The table is called "Users" with a capital U.',
    "Is there a way to do this without a loop?"
  ],
  boundary: [
    "Write a Python program that generates random haikus from three word lists.",
    "How would I store recipes in a relational database?",
    "Write a function that converts Celsius to Fahrenheit in Kotlin.",
    "Write code to compute the n-th Fibonacci number without recursion.",
    "Create a chatbot in Node.js that tells a joke when the user says hello.",
    "Write a program that solves a quadratic equation and prints both roots.",
    "Script that looks up the capital of a country from a JSON file given on the command line.",
    "Give me a CSS stylesheet with the look of an old newspaper.",
    "Write a Monte Carlo simulation in Julia to estimate pi.",
    "How do I do sentiment analysis of tweets with scikit-learn?",
    "Explain Big-O notation as if I had never programmed.",
    "What is a closure in programming? Show one in JavaScript.",
    "Summarise this pull request: it replaces the polling loop in worker.py by a condition variable and adds a test for shutdown.",
    "Implement a function to find the derivative of a polynomial given as a list of coefficients.",
    "Make a web page with a birthday poem that appears letter by letter.",
    "Write a script which translates all .srt subtitle files in a folder from German to English by calling an API.",
    "Make a command-line tool that plans a weekly menu from recipes.json.",
    "Generate HTML for a recipe of pancakes with schema.org markup.",
    "What happens when you type git rebase -i HEAD~3?",
    "Who calls componentDidMount, and when?",
    "Write a SQL query to find the average age of patients in each ward.",
    'Summarise what this code does: for f in *.wav; do sox "$f" "${f%.wav}.mp3"; done',
    "Write a function that classifies a review as positive or negative from a list of words.",
    "Is it good style to have a function with eight parameters?",
    "A vending machine gives change in coins of 1, 5, 10 and 25 cents. Write a program which returns the smallest number of coins for a given amount.",
    'Model a family tree in Prolog and define the relation "cousin".',
    "Write a Python program to calculate the BMI from weight and height.",
    "Could you be a friend and look at my code? It's a mess.",
    "Explain the travelling salesman problem and give a heuristic in code.",
    "How can I generate random names for characters in my game with C#?",
    "Write a function that counts the syllables of a poem line.",
    "How do I draw the Mandelbrot set in Processing?",
    'Write a function `bmi(weight, height)` which returns "low", "normal" or "high".',
    "Which library would you use in Python for solving differential equations numerically, and how?",
    "Write a script that downloads the current exchange rate and converts euros to yen.",
    "Create an SQL table for storing poems with their authors and tags.",
    "Given a list of exam grades, write code that returns the median.",
    "How do you explain to a junior why global variables are bad?",
    "Explain what SQL injection is, with an example query.",
    "How does HTTPS keep a password secret on its way to the server?",
    "What is the purpose of a virtual environment in Python?",
    "Compare recursion and iteration: readability, memory, speed, with a snippet of each.",
    "Give me the pros and cons of microservices for a team of four developers.",
    "Is there a performance difference between a for loop and forEach in JavaScript?",
    "When should one use a NoSQL database rather than a relational one?",
    "What design pattern fits a text editor with undo and redo?",
    'What does this error mean: "EADDRINUSE: address already in use :::3000"?',
    "Write a unit converter in Java that turns miles into kilometres.",
    "Explain to a beginner what an API key is and how to keep it out of the repository.",
    "What's new in C++20's ranges, with two short examples?"
  ]
})
