namespace Containerize.Checks;

/// <summary>Something in an image that will not work.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Summary">The same in one clause of our own words and names from the image: what an image's label keeps of it.</param>
/// <param name="Message">What, which file, what the image has, and what to do.</param>
internal sealed record Finding(string Code, string Summary, string Message);
