// What the pages do beyond HTML. Without it every page reads and every form works all the same.
