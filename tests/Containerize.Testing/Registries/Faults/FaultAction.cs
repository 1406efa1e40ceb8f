using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Faults;

/// <summary>
/// What happens to a request instead of, or around, its ordinary treatment, which is <paramref name="next"/>.
/// <see cref="Fault"/> makes the usual ones; any lambda of this shape will do.
/// </summary>
public delegate Task FaultAction(HttpContext context, RequestDelegate next);
