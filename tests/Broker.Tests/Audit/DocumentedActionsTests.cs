using System.Text.Json;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Tests.Configuration;

namespace SidecarAgent.Broker.Tests.Audit;

/// <summary>Who reads a log finds each word of it explained.</summary>
public class DocumentedActionsTests
{
    [Fact]
    public void The_page_of_the_audit_log_has_each_action()
    {
        var page = File.ReadAllText(Path.Combine(DocumentedOptionsTests.Repository(), "docs", "audit.md"));

        Assert.All(Enum.GetValues<AuditAction>(), action =>
            Assert.Contains($"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(action.ToString())}`", page, StringComparison.Ordinal));
    }
}
