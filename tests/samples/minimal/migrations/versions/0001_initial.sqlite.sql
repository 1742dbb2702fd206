CREATE TABLE minimal_note (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    receipt_id INTEGER,
    what VARCHAR(60) NOT NULL,
    CONSTRAINT pk_minimal_note PRIMARY KEY (id)
);

CREATE TABLE minimal_budget (
    id INTEGER NOT NULL,
    mall_id INTEGER NOT NULL,
    spendable BIGINT NOT NULL,
    CONSTRAINT pk_minimal_budget PRIMARY KEY (id),
    CONSTRAINT ck_minimal_budget_spendable CHECK (spendable >= 0),
    CONSTRAINT fk_minimal_budget_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT ck_minimal_budget_spendable_bounds CHECK (typeof(spendable) in ('integer', 'null') and abs(spendable) <= 1000000000000000)
);
