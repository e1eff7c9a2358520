namespace SidecarAgent.BrokerHost;

/// <summary>Where the broker ends. Between any two of them it leaves the same behind.</summary>
internal enum Step
{
    /// <summary>An account is written down, and not made.</summary>
    BeforeCreate,

    /// <summary>It is made, and nothing else knows.</summary>
    AfterCreate,

    /// <summary>Its lease is live, and perhaps nobody was told.</summary>
    Live,

    /// <summary>Its lease has ended.</summary>
    BeforeDrop,

    /// <summary>It is dropped, and nothing else knows.</summary>
    AfterDrop,

    /// <summary>Nothing is left of one.</summary>
    Forgotten,
}
