using System.Globalization;
using System.Resources;

namespace HelloWeb.Greetings;

/// <summary>Greets people in their own language.</summary>
public sealed class Greeter
{
    private static readonly ResourceManager Strings = new("HelloWeb.Greetings.Strings", typeof(Greeter).Assembly);

    /// <summary>Makes a greeting.</summary>
    /// <param name="name">Who is greeted.</param>
    /// <param name="culture">The language of the greeting; English when it is not among the translations.</param>
    /// <returns>The greeting, for example <c>Bonjour, Ada !</c></returns>
    public string Greet(string name, CultureInfo culture) =>
        string.Format(culture, Strings.GetString("Greeting", culture)!, name);
}
