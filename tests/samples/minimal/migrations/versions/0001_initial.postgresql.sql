CREATE TABLE minimal_note (
    id BIGINT NOT NULL,
    mall_id BIGINT NOT NULL,
    receipt_id BIGINT,
    what VARCHAR(60) NOT NULL,
    CONSTRAINT pk_minimal_note PRIMARY KEY (id)
);

CREATE TABLE minimal_budget (
    id BIGSERIAL NOT NULL,
    mall_id BIGINT NOT NULL,
    spendable BIGINT NOT NULL,
    CONSTRAINT pk_minimal_budget PRIMARY KEY (id),
    CONSTRAINT ck_minimal_budget_spendable CHECK (spendable >= 0),
    CONSTRAINT fk_minimal_budget_mall_id FOREIGN KEY(mall_id) REFERENCES core_mall (id),
    CONSTRAINT ck_minimal_budget_spendable_bounds CHECK (abs(spendable) <= 1000000000000000)
);
