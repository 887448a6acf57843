using Microsoft.Playwright;

namespace Streaming.Tests.Http;

/// <summary>The dashboard in a real browser: Debian's chromium, by Playwright's own driver.</summary>
public sealed class DashboardBrowserTests(DashboardApplication application) : IClassFixture<DashboardApplication>
{
    [Fact]
    public async Task Administrator_signs_in_sees_our_grains_and_signs_out()
    {
        Browser.Require();
        var (email, _) = await application.AddAccountAsync(administrator: true);
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPageAsync(new() { BaseURL = application.Api.Server.ToString(), ViewportSize = new() { Width = 1280, Height = 900 } });
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                errors.Add(message.Text);
        };
        page.PageError += (_, error) =>
        {
            // The package's pages draw themselves once without the first counters when those take long, and again with them.
            if (!error.StartsWith("TypeError: Cannot read properties of undefined (reading 'forEach')", StringComparison.Ordinal))
                errors.Add(error);
        };

        await page.GotoAsync("/dashboard");
        Assert.Equal("/dashboard/sign-in", new Uri(page.Url).AbsolutePath);
        await PictureAsync(page, "sign-in");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByText("E-mail or password is wrong.").WaitForAsync();
        // The browser itself tells of the 400.
        errors.Clear();
        await page.GetByLabel("Password").FillAsync(DashboardApplication.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(new Uri(application.Api.Server, "/dashboard/").ToString());
        await page.GetByText("Total Activations").First.WaitForAsync();
        await PictureAsync(page, "overview");

        await page.GotoAsync("/dashboard/#/grains");
        await page.GetByTitle("Streaming.Users.AccessGrain").WaitForAsync();
        await PictureAsync(page, "grains");
        await page.GotoAsync("/dashboard/#/lifecycle");
        await page.Locator("svg").First.WaitForAsync();
        await PictureAsync(page, "lifecycle");
        Assert.True(errors.Count == 0, string.Join('\n', errors));

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByText(email).WaitForAsync();
        await PictureAsync(page, "sign-out");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GetByLabel("Password").WaitForAsync();
        Assert.Equal("/dashboard/sign-in", new Uri(page.Url).AbsolutePath);
        await page.GotoAsync("/dashboard/");
        Assert.Equal("/dashboard/sign-in", new Uri(page.Url).AbsolutePath);
    }

    /// <summary>For people to look at, beside the test's other results.</summary>
    private static async Task PictureAsync(IPage page, string name) =>
        TestContext.Current.AddAttachment($"{name}.png", await page.ScreenshotAsync(), "image/png");
}
