using Xunit;

// Whole builds and containers: two at a time would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
