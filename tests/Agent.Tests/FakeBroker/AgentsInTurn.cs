namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary>
/// Tests that run whole agents take turns: OpenTelemetry finds meters by their name in the whole process, so two agents at
/// once would be scraped as one.
/// </summary>
[CollectionDefinition(nameof(AgentsInTurn))]
public sealed class AgentsInTurn;
