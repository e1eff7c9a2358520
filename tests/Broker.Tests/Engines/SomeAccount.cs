using System.Text;
using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Tests.Engines;

internal static class SomeAccount
{
    public static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddHours(1);

    /// <summary>One that is yet to be made, and its password as an application writes it.</summary>
    public static (NewAccount Account, string Password) Of(IAccountServer server, string role = "r", DateTimeOffset? until = null)
    {
        var password = AccountPassword.Generate();
        return (new NewAccount(server.NewName(role), password, until ?? Later, role), Encoding.ASCII.GetString(password.Span));
    }
}
