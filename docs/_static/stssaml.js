// What scrolls can be reached with the keyboard.
for (const node of document.querySelectorAll("article pre, .table-wrapper, .diagram")) node.tabIndex = 0;
