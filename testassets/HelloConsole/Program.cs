using System.Runtime.InteropServices;

var whom = args.Length > 0 ? string.Join(' ', args) : "world";
Console.WriteLine($"Hello, {whom}!");
Console.WriteLine(RuntimeInformation.FrameworkDescription);

if (Environment.GetEnvironmentVariable("GREETING") is { Length: > 0 } greeting)
    Console.WriteLine($"GREETING={greeting}");
