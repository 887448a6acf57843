namespace Streaming.WebFront.Limits;

internal static class TransportSecurity
{
    private const int Days = 365;

    /// <summary>
    /// Tells browsers to come by https alone, once they came by it. Without the subdomains: they may be somebody else's.
    /// </summary>
    public static void AddTransportSecurity(this WebApplicationBuilder builder) =>
        builder.Services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(Days));

    public static void UseTransportSecurity(this WebApplication app)
    {
        // In Development it would bind every program on the developer's localhost.
        if (!app.Environment.IsDevelopment())
            app.UseHsts();
    }
}
