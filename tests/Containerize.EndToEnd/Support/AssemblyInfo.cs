using Xunit;

// One MSBuild in this process, which changes the current folder and the environment (DotnetInProcess).
[assembly: CollectionBehavior(DisableTestParallelization = true)]
